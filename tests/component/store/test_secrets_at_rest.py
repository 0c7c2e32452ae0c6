"""Secrets in the store's files: not to be read or exchanged without the keys, whatever is asked of the server."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from podwright.apiserver.config import ServerConfig
from podwright.apiserver.config_file import ConfigFileError
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import AUTHENTICATED, MASTERS, User
from podwright.client.transport import Request
from podwright.store.open import open_store
from podwright.store.protocol import Put, Store
from podwright.store.sealed import Unreadable

ADMIN = User("admin", "1", (MASTERS, AUTHENTICATED))
SECRETS = "/api/v1/namespaces/default/secrets"
MAPS = "/api/v1/namespaces/default/configmaps"
KEY = "/registry/secrets/default/"
HIDDEN = "correct-horse-battery-staple"
OPEN = "nothing-to-hide-in-here"
IDENTITY = {"identity": {}}


def aesgcm(*names):
    return {"aesgcm": {"keys": [_key(name) for name in names]}}


def secretbox(*names):
    return {"secretbox": {"keys": [_key(name) for name in names]}}


def _key(name):
    return {"name": name, "secret": base64.b64encode(name.encode().ljust(32, b".")).decode()}


@dataclass
class Place:
    """A store that can be opened again and again, and where its files are."""

    open: Callable[[], Awaitable[Store]]
    files: Path
    config: Path

    def provide(self, *providers, resources=("secrets",)):
        entry = {"resources": list(resources), "providers": list(providers)}
        document = {
            "kind": "EncryptionConfiguration",
            "apiVersion": "apiserver.config.k8s.io/v1",
            "resources": [entry],
        }
        new = self.config.with_suffix(".new")
        new.write_text(json.dumps(document))
        new.rename(self.config)

    def holds(self, text):
        """Whether a text, or its base64 as objects have it, is in any of the files."""
        encoded = base64.b64encode(text.encode())
        found = [p.read_bytes() for p in self.files.rglob("*") if p.is_file()]
        return any(text.encode() in content or encoded in content for content in found)

    @contextlib.asynccontextmanager
    async def server(self, *, encrypted=True) -> AsyncIterator["Client"]:
        store = await self.open()
        server = ApiServer(ServerConfig(encryption_config_file=self.config if encrypted else None), store)
        try:
            await server.start()
            await server.bootstrap(6443)
            yield Client(server, store)
        finally:
            await server.stop()
            await store.close()


class Client:
    def __init__(self, server, store):
        self.server = server
        self.raw = store

    async def send(self, method, path, body=None, **query):
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, tuple(query.items()), (("content-type", kind),), data)
        answer = await self.server.transport(ADMIN).request(request)
        return answer.status, json.loads(answer.body)

    async def must(self, *arguments, **query):
        status, body = await self.send(*arguments, **query)
        assert status < 300, body
        return body

    async def stored(self, name):
        found = await self.raw.get(KEY + name)
        assert found is not None
        return found.value

    async def stale(self):
        lines = self.server.render_metrics().decode().splitlines()
        return [line for line in lines if line.startswith("podwright_storage_stale_values")]


def secret(name, text=HIDDEN):
    return {"metadata": {"name": name}, "stringData": {"password": text}}


def password(obj):
    return base64.b64decode(obj["data"]["password"]).decode()


@pytest.fixture(params=["sqlite", pytest.param("etcd", marks=pytest.mark.etcd)])
async def place(request, tmp_path, start_etcd) -> Place:
    config = tmp_path / "keys" / "encryption.json"
    config.parent.mkdir()
    if request.param == "sqlite":
        return Place(lambda: open_store("sqlite", tmp_path / "data"), tmp_path / "data", config)
    (member,) = await start_etcd()
    return Place(lambda: open_store(member.url, tmp_path), tmp_path / "etcd", config)


@pytest.fixture
def local(tmp_path) -> Place:
    """A store in one file, for what does not depend on the store."""
    config = tmp_path / "encryption.json"
    return Place(lambda: open_store("sqlite", tmp_path / "data"), tmp_path / "data", config)


@pytest.mark.parametrize("provider", [aesgcm("one"), secretbox("one")], ids=["aesgcm", "secretbox"])
async def test_no_secret_is_in_the_files(place, provider):
    place.provide(provider)
    async with place.server() as client:
        await client.must("POST", MAPS, {"metadata": {"name": "a"}, "data": {"text": OPEN}})
        for name in ("a", "b"):
            await client.must("POST", SECRETS, secret(name))
        await client.must("PATCH", f"{SECRETS}/a", {"metadata": {"labels": {"x": "y"}}})
        first = await client.must("GET", f"{SECRETS}/a")
        await client.must("PATCH", f"{SECRETS}/a", {"stringData": {"password": HIDDEN + "2"}})
        await client.must("DELETE", f"{SECRETS}/b")
        assert password(await client.must("GET", f"{SECRETS}/a")) == HIDDEN + "2"
        revision = first["metadata"]["resourceVersion"]
        assert password(await client.must("GET", f"{SECRETS}/a", atRevision=revision)) == HIDDEN
        then = (await client.must("GET", SECRETS, atRevision=revision))["items"]
        assert [password(item) for item in then] == [HIDDEN, HIDDEN]
        assert place.holds(OPEN)
        assert not place.holds(HIDDEN)
    assert not place.holds(HIDDEN)
    async with place.server() as client:
        assert password(await client.must("GET", f"{SECRETS}/a")) == HIDDEN + "2"
        assert (await client.must("GET", f"{MAPS}/a"))["data"] == {"text": OPEN}


async def test_what_was_plain_is_read_and_sealed_when_rewritten(place):
    async with place.server(encrypted=False) as client:
        await client.must("POST", SECRETS, secret("a"))
    place.provide(aesgcm("one"), IDENTITY)
    async with place.server() as client:
        before = await client.must("GET", f"{SECRETS}/a")
        assert password(before) == HIDDEN
        assert await client.stale() == ['podwright_storage_stale_values{resource="secrets"} 1']
        assert HIDDEN.encode() in base64.b64decode(json.loads(await client.stored("a"))["data"]["password"])
        after = await client.must("PUT", f"{SECRETS}/a", before)
        assert int(after["metadata"]["resourceVersion"]) > int(before["metadata"]["resourceVersion"])
        assert (await client.stored("a")).startswith(b"pw:enc:aesgcm:v1:one:")
        assert await client.stale() == []
        again = await client.must("PUT", f"{SECRETS}/a", after)
        assert again == after, "nothing changed and nothing is stale: nothing is written"


async def test_keys_are_rotated(place):
    place.provide(aesgcm("old"))
    async with place.server() as client:
        for name in ("a", "b"):
            await client.must("POST", SECRETS, secret(name, name))
    place.provide(secretbox("new"), aesgcm("old"))
    async with place.server() as client:
        assert await client.stale() == ['podwright_storage_stale_values{resource="secrets"} 2']
        await client.must("PATCH", f"{SECRETS}/a", {})
        assert await client.stale() == ['podwright_storage_stale_values{resource="secrets"} 1']
        assert [password(i) for i in (await client.must("GET", SECRETS))["items"]] == ["a", "b"]
        assert (await client.stored("a")).startswith(b"pw:enc:secretbox:v1:new:")
        assert (await client.stored("b")).startswith(b"pw:enc:aesgcm:v1:old:")
    place.provide(secretbox("new"))
    with pytest.raises(Unreadable, match=r'cannot read secrets "default/b": .* key "old" of aesgcm'):
        async with place.server():
            pass
    place.provide(secretbox("new"), aesgcm("old"))
    async with place.server() as client:
        await client.must("PATCH", f"{SECRETS}/b", {})
    place.provide(secretbox("new"))
    async with place.server() as client:
        assert [password(i) for i in (await client.must("GET", SECRETS))["items"]] == ["a", "b"]


async def test_another_key_of_the_same_name_does_not_open(local):
    local.provide(aesgcm("one"))
    async with local.server() as client:
        await client.must("POST", SECRETS, secret("a"))
    document = json.loads(local.config.read_text())
    document["resources"][0]["providers"][0]["aesgcm"]["keys"][0]["secret"] = base64.b64encode(b"x" * 32).decode()
    local.config.write_text(json.dumps(document))
    with pytest.raises(Unreadable, match=r'cannot read secrets "default/a": key "one" of aesgcm .* does not open it'):
        async with local.server():
            pass


@pytest.mark.parametrize("provider", [aesgcm("one"), secretbox("one")], ids=["aesgcm", "secretbox"])
async def test_a_value_does_not_open_under_another_key(local, provider):
    local.provide(provider)
    async with local.server() as client:
        await client.must("POST", SECRETS, secret("a"))
        value = await client.stored("a")
    store = await local.open()
    await store.txn((), (Put(f"{KEY}b", value),))
    await store.close()
    with pytest.raises(Unreadable, match='cannot read secrets "default/b"'):
        async with local.server():
            pass


async def test_plain_values_are_refused_without_identity(local):
    async with local.server(encrypted=False) as client:
        await client.must("POST", SECRETS, secret("a"))
    local.provide(aesgcm("one"))
    with pytest.raises(Unreadable, match=r'secrets "default/a": it is not encrypted, and .* no identity provider'):
        async with local.server():
            pass


async def test_identity_first_takes_the_seal_off(local):
    local.provide(aesgcm("one"))
    async with local.server() as client:
        await client.must("POST", SECRETS, secret("a"))
    local.provide(IDENTITY, aesgcm("one"))
    async with local.server() as client:
        await client.must("PATCH", f"{SECRETS}/a", {})
        assert password(json.loads(await client.stored("a"))) == HIDDEN


async def test_the_file_is_read_again_when_it_changes(local, caplog):
    local.provide(aesgcm("one"))
    async with local.server() as client:
        await client.must("POST", SECRETS, secret("a"))
        local.provide(aesgcm("two"))  # does not open what is there
        async with asyncio.timeout(20):
            while "Cannot use the new encryption configuration" not in caplog.text:  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.05)
        await client.must("POST", SECRETS, secret("b"))
        assert (await client.stored("b")).startswith(b"pw:enc:aesgcm:v1:one:")
        local.provide(aesgcm("two", "one"))
        async with asyncio.timeout(20):
            while not await client.stale():  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.05)
        await client.must("PATCH", f"{SECRETS}/b", {})
        await client.must("PATCH", f"{SECRETS}/a", {})
        assert (await client.stored("a")).startswith(b"pw:enc:aesgcm:v1:two:")
        assert await client.stale() == []


async def test_a_past_whose_key_is_gone_is_refused_alone(local):
    local.provide(aesgcm("old"))
    async with local.server() as client:
        old = (await client.must("POST", SECRETS, secret("a")))["metadata"]["resourceVersion"]
    local.provide(aesgcm("new", "old"))
    async with local.server() as client:
        await client.must("PATCH", f"{SECRETS}/a", {})
    local.provide(aesgcm("new"))
    async with local.server() as client:
        status, body = await client.send("GET", f"{SECRETS}/a", atRevision=old)
        assert (status, body["reason"]) == (500, "InternalError")
        assert 'key "old" of aesgcm' in body["message"]
        assert password(await client.must("GET", f"{SECRETS}/a")) == HIDDEN


async def test_other_resources_and_groups_as_configured(local):
    local.provide(aesgcm("one"), resources=["*.apps", "configmaps"])
    async with local.server() as client:
        await client.must("POST", MAPS, {"metadata": {"name": "a"}, "data": {"text": OPEN}})
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": OPEN, "image": "x"}]}}
        spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
        path = "/apis/apps/v1/namespaces/default/deployments"
        made = await client.must("POST", path, {"metadata": {"name": "a"}, "spec": spec})
        assert (await client.must("GET", f"{path}/a")) == made
        assert not local.holds(OPEN)
        await client.must("POST", SECRETS, secret("a"))
        assert local.holds(HIDDEN)


async def test_a_file_that_cannot_be_used_ends_the_start(local):
    local.config.write_text("kind: Pod")
    with pytest.raises(ConfigFileError, match="it must say kind: EncryptionConfiguration"):
        async with local.server():
            pass


async def test_a_server_that_lacks_a_key_of_another_goes_on_when_it_has_it(local, tmp_path, caplog):
    """Two servers, one store: the one that cannot read what the other wrote says so, and shows nothing half-read."""
    store = await local.open()
    local.provide(aesgcm("one"))
    other = Place(local.open, local.files, tmp_path / "other.json")
    other.provide(aesgcm("two", "one"))
    first = ApiServer(ServerConfig(encryption_config_file=local.config), store)
    second = ApiServer(ServerConfig(encryption_config_file=other.config), store)
    try:
        for server in (first, second):
            await server.start()
            await server.bootstrap(6443)
        here, there = Client(first, store), Client(second, store)
        await there.must("POST", SECRETS, secret("a"))
        async with asyncio.timeout(20):
            while 'does not have its key, key "two" of aesgcm' not in caplog.text:  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.02)
        assert first.registry.endpoints["", "v1", "secrets"].get("default", "a") is None
        local.provide(aesgcm("two", "one"))
        await first.feed.caught_up()
        assert password(await here.must("GET", f"{SECRETS}/a")) == HIDDEN
    finally:
        for server in (second, first):
            await server.stop()
        await store.close()
