"""A whole server in this process, spoken to as clients do."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from podwright.apiserver.config import ServerConfig
from podwright.apiserver.server import ApiServer
from podwright.apiserver.user import AUTHENTICATED, MASTERS, User
from podwright.client.transport import Request
from podwright.store.memory import MemoryStore

ADMIN = User("admin", "1", (MASTERS, AUTHENTICATED))
PATCHES = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}


async def until(condition, seconds=10.0):
    """Wait until something that cannot be awaited is true."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.01)


class Answer:
    """A response, with its body decoded."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.warnings = response.warnings
        self.raw = response.body
        kind = response.headers.get("content-type", "")
        self.body: Any = (
            json.loads(response.body) if response.body and "json" in kind else self.raw.decode(errors="replace")
        )

    def __repr__(self):
        return f"{self.status} {self.raw[:600]!r}"

    @property
    def message(self):
        return self.body["message"]


class Watch:
    """An open watch, read event by event."""

    def __init__(self, stream):
        self.stream = stream
        self._pieces = aiter(stream)
        self._rest = b""

    async def next(self, seconds=5.0):
        """The next event; None when the stream has ended."""
        while b"\n" not in self._rest:
            try:
                async with asyncio.timeout(seconds):
                    self._rest += await anext(self._pieces)
            except StopAsyncIteration:
                return None
        line, _, self._rest = self._rest.partition(b"\n")
        event = json.loads(line)
        return event["type"], event["object"]

    async def names(self, count):
        """Types and names of the next events."""
        events = [await self.next() for _ in range(count)]
        return [(e[0], e[1]["metadata"].get("name", "")) for e in events if e]

    async def close(self):
        await self.stream.close()


class Api:
    """Requests as one user."""

    def __init__(self, server, user=ADMIN):
        self.server = server
        self.user = user
        self.transport = server.transport(user)
        self._watches: list[Watch] = []

    def as_user(self, user):
        """The same server as another user."""
        return Api(self.server, user)

    async def send(self, method, path, body=None, *, headers=None, **query):
        """Send anything. `body` may be bytes, text or a document; a list as a query value repeats the parameter."""
        if body is not None and not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        pairs = tuple((k, x) for k, v in query.items() for x in (v if isinstance(v, list) else [str(v)]))
        request = Request(method, path, pairs, tuple((headers or {}).items()), body or b"")
        return Answer(await self.transport.request(request))

    async def get(self, path, **query):
        return await self.send("GET", path, **query)

    async def post(self, path, body, **query):
        return await self.send("POST", path, body, **query)

    async def put(self, path, body, **query):
        return await self.send("PUT", path, body, **query)

    async def patch(self, path, body, kind="merge", **query):
        return await self.send("PATCH", path, body, headers={"content-type": PATCHES[kind]}, **query)

    async def delete(self, path, body=None, **query):
        return await self.send("DELETE", path, body, **query)

    async def create(self, path, body, **query):
        """POST what must succeed; returns the object."""
        answer = await self.post(path, body, **query)
        assert answer.status == 201, answer
        return answer.body

    async def watch(self, path, *, headers=None, **query):
        pairs = tuple((k, str(v)) for k, v in {"watch": "1", **query}.items())
        stream = await self.transport.stream(Request("GET", path, pairs, tuple((headers or {}).items())))
        watch = Watch(stream)
        self._watches.append(watch)
        return watch

    async def close(self):
        for watch in self._watches:
            await watch.close()


@contextlib.asynccontextmanager
async def running(store=None, **config) -> AsyncIterator[ApiServer]:
    """A started server over a store of its own or the given one."""
    own = store is None
    store = store or MemoryStore()
    server = ApiServer(ServerConfig(**config), store)
    await server.start()
    try:
        await server.bootstrap(6443)
        yield server
    finally:
        await server.stop()
        if own:
            await store.close()


def configmap(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def pod(name, *, labels=None, **spec):
    metadata = {"name": name} | ({"labels": labels} if labels else {})
    spec = {"containers": [{"name": "c", "image": "registry.local/img:1"}], **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def deployment(name, replicas=1):
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "c", "image": "registry.local/img:1"}]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


CM = "/api/v1/namespaces/ns/configmaps"
PODS = "/api/v1/namespaces/ns/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/ns/deployments"
