"""No secret value, token or key is in any log, event, audit line, error, core object or file of the store.

A control plane with everything switched on is given secrets and tokens in every way there is, the wrong ways above
all; then everything that it said or wrote is searched for them.
"""

import asyncio
import contextlib
import io
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

import yaml
from api_client import Api
from https_server import HttpsServer, serving
from leaks import MARK, Leaks, b64, value

from podwright.deploy.encryption import ensure_configuration
from podwright.store.open import open_store

SECRETS = "/api/v1/namespaces/default/secrets"
ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
ADMIN_TOKEN = value("static-token")
TOKENS = f'{ADMIN_TOKEN},admin,1,"system:masters"\n{value("plain-token")},jane,2,"devs"\n'
JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
MERGE, OPS = "application/merge-patch+json", "application/json-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
V = value("x")
B = b64(V)


def secret(name="bad", **more):
    return {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": name}, **more}


def review(**more):
    return {"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", **more}


# what is asked: method, path, content type, body. None of it succeeds.
BAD = {
    "cut-off": ("POST", SECRETS, JSON, f'{{"data":{{"p":"{B}'),
    "cut-off-text": ("POST", SECRETS, JSON, f'{{"stringData":{{"p":"{V}"}}'),
    "no-json": ("POST", SECRETS, JSON, V),
    "a-string": ("POST", SECRETS, JSON, json.dumps(V)),
    "a-list": ("POST", SECRETS, JSON, [V]),
    "bad-escape": ("POST", SECRETS, JSON, f'{{"a":"\\{V}"}}'),
    "not-base64": ("POST", SECRETS, JSON, secret(data={"p": V})),
    "almost-base64": ("POST", SECRETS, JSON, secret(data={"p": B + "!"})),
    "data-text": ("POST", SECRETS, JSON, secret(data=V)),
    "data-list": ("POST", SECRETS, JSON, secret(data=[V])),
    "data-of-lists": ("POST", SECRETS, JSON, secret(data={"p": [V]})),
    "text-of-objects": ("POST", SECRETS, JSON, secret(stringData={"p": {"q": V}})),
    "text-is-text": ("POST", SECRETS, JSON, secret(stringData=V)),
    "unknown-field": ("POST", f"{SECRETS}?fieldValidation=Strict", JSON, secret(dta={"p": V})),
    "twice": ("POST", f"{SECRETS}?fieldValidation=Strict", JSON, f'{{"metadata":{{"name":"b"}},"data":{{"p":"{B}","p":"{B}"}}}}'),
    "no-kind": ("POST", SECRETS, JSON, {"kind": 5, "data": {"p": V}}),
    "other-kind": ("POST", SECRETS, JSON, {"kind": "Pod", "apiVersion": "v1", "data": {"p": V}}),
    "odd-version": ("POST", SECRETS, JSON, {"apiVersion": "a/b/c", "data": {"p": B}}),
    "bad-name": ("POST", SECRETS, JSON, secret("Bad_Name", data={"p": B})),
    "no-name": ("POST", SECRETS, JSON, secret("", data={"p": B})),
    "bad-key": ("POST", SECRETS, JSON, secret(data={"a b": B})),
    "bad-labels": ("POST", SECRETS, JSON, {**secret(stringData={"p": V}), "metadata": {"name": "x", "labels": 5}}),
    "docker": ("POST", SECRETS, JSON, secret(type="kubernetes.io/dockerconfigjson", data={".dockerconfigjson": B})),
    "docker-text": ("POST", SECRETS, JSON, secret(type="kubernetes.io/dockercfg", stringData={".dockercfg": json.dumps(V)})),
    "no-tls": ("POST", SECRETS, JSON, secret(type="kubernetes.io/tls", data={"tls.key": B})),
    "bootstrap": ("POST", SECRETS, JSON, secret(type="bootstrap.kubernetes.io/token", stringData={"token-id": V, "token-secret": V})),
    "too-large": ("POST", SECRETS, JSON, secret(stringData={"p": V * 100_000})),
    "there-already": ("POST", SECRETS, JSON, secret("good", stringData={"p": V})),
    "other-namespace": ("POST", SECRETS, JSON, {**secret(stringData={"p": V}), "metadata": {"name": "b", "namespace": "else"}}),
    "unsupported": ("POST", SECRETS, "text/plain", V),
    "form": ("POST", SECRETS, "application/x-www-form-urlencoded", f"p={V}"),
    "protobuf": ("POST", SECRETS, PROTOBUF, V),
    "protobuf-head": ("POST", SECRETS, PROTOBUF, "k8s\0" + V),
    "yaml": ("POST", SECRETS, YAML, f"data:\n  p: {V}: x\n"),
    "yaml-open": ("POST", SECRETS, YAML, f"data: [{V}"),
    "yaml-tag": ("POST", SECRETS, YAML, f"stringData: {{p: !{V} x}}"),
    "yaml-alias": ("POST", SECRETS, YAML, f"stringData: {{p: *{V}}}"),
    "yaml-twice": ("POST", SECRETS, YAML, f"stringData: {{p: {V}, p: {V}}}\nmetadata: {{name: Bad_}}\n"),
    "yaml-list": ("POST", SECRETS, YAML, f"- {V}"),
    "yaml-text": ("POST", SECRETS, YAML, V),
    "yaml-tab": ("POST", SECRETS, YAML, f"stringData:\n\tp: {V}"),
    "put-other-name": ("PUT", f"{SECRETS}/good", JSON, secret("other", stringData={"p": V})),
    "put-old": ("PUT", f"{SECRETS}/good", JSON, {**secret(data={"p": B}), "metadata": {"name": "good", "resourceVersion": "1"}}),
    "put-type": ("PUT", f"{SECRETS}/good", JSON, secret("good", type="x/y", data={"p": B})),
    "put-sealed": ("PUT", f"{SECRETS}/sealed", JSON, secret("sealed", immutable=True, data={"p": B})),
    "put-not-base64": ("PUT", f"{SECRETS}/good", JSON, secret("good", data={"p": V})),
    "merge": ("PATCH", f"{SECRETS}/good", MERGE, {"data": {"p": V}}),
    "merge-text": ("PATCH", f"{SECRETS}/good", MERGE, {"data": V}),
    "merge-list": ("PATCH", f"{SECRETS}/good", MERGE, {"data": [V]}),
    "merge-none": ("PATCH", f"{SECRETS}/good", MERGE, json.dumps(V)),
    "merge-cut-off": ("PATCH", f"{SECRETS}/good", MERGE, f'{{"data":{{"p":"{V}'),
    "merge-unknown": ("PATCH", f"{SECRETS}/good?fieldValidation=Strict", MERGE, {"dta": {"p": V}}),
    "merge-number": ("PATCH", f"{SECRETS}/good", MERGE, {"data": {"q": B}, "type": 5}),
    "merge-kind": ("PATCH", f"{SECRETS}/good", MERGE, {"data": {"q": B}, "kind": "Pod"}),
    "merge-labels": ("PATCH", f"{SECRETS}/good", MERGE, {"stringData": {"q": V}, "metadata": {"labels": {"a": 5}}}),
    "merge-name": ("PATCH", f"{SECRETS}/good", MERGE, {"stringData": {"q": V}, "metadata": {"name": "z"}}),
    "merge-sealed": ("PATCH", f"{SECRETS}/sealed", MERGE, {"data": {"p": b64(value("y"))}}),
    "ops-path": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "replace", "path": "/data/none", "value": V}]),
    "ops-test": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "test", "path": "/data/p", "value": V}]),
    "ops-test-whole": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "test", "path": "/data", "value": {"p": V}}]),
    "ops-op": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "put", "path": "/data/p", "value": V}]),
    "ops-value": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "add", "path": "/data/p", "value": {"q": V}}]),
    "ops-not-base64": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "add", "path": "/data/p", "value": V}]),
    "ops-no-path": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "add", "value": V}]),
    "ops-object": ("PATCH", f"{SECRETS}/good", OPS, {"value": V}),
    "ops-of-text": ("PATCH", f"{SECRETS}/good", OPS, [V]),
    "ops-cut-off": ("PATCH", f"{SECRETS}/good", OPS, f'[{{"value":"{V}'),
    "ops-sub-path": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "add", "path": "/data/p/q", "value": V}]),
    "ops-move": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "move", "from": "/data/p", "path": "/metadata/labels"}]),
    "ops-copy": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "copy", "from": "/data/p", "path": "/type"}]),
    "ops-copy-name": ("PATCH", f"{SECRETS}/good", OPS, [{"op": "copy", "from": "/data/p", "path": "/metadata/name"}]),
    "strategic": ("PATCH", f"{SECRETS}/good", STRATEGIC, {"data": {"$patch": V}}),
    "strategic-text": ("PATCH", f"{SECRETS}/good", STRATEGIC, {"data": V}),
    "strategic-list": ("PATCH", f"{SECRETS}/good", STRATEGIC, {"data": [V]}),
    "strategic-order": ("PATCH", f"{SECRETS}/good", STRATEGIC, {"$setElementOrder/data": V}),
    "strategic-keys": ("PATCH", f"{SECRETS}/good", STRATEGIC, {"data": {"$retainKeys": V}}),
    "strategic-not-base64": ("PATCH", f"{SECRETS}/good", STRATEGIC, {"data": {"p": V}}),
    "strategic-cut-off": ("PATCH", f"{SECRETS}/good", STRATEGIC, f'{{"data":"{V}'),
    "apply-conflict": ("PATCH", f"{SECRETS}/good?fieldManager=b", APPLY, secret("good", data={"p": B})),
    "apply-type": ("PATCH", f"{SECRETS}/good?fieldManager=b", APPLY, secret("good", data=V)),
    "apply-not-base64": ("PATCH", f"{SECRETS}/good?fieldManager=b&force=true", APPLY, secret("good", data={"p": V})),
    "apply-unknown": ("PATCH", f"{SECRETS}/good?fieldManager=b", APPLY, secret("good", dta={"p": V})),
    "apply-yaml": ("PATCH", f"{SECRETS}/good?fieldManager=b", APPLY, f"data: {{p: {V}: x}}"),
    "apply-tag": ("PATCH", f"{SECRETS}/good?fieldManager=b", APPLY, f"data: {{p: !{V} x}}"),
    "apply-none": ("PATCH", f"{SECRETS}/good?fieldManager=b", APPLY, V),
    "apply-nameless": ("PATCH", f"{SECRETS}/good?fieldManager=b", APPLY, {"data": {"p": B}}),
    "apply-no-manager": ("PATCH", f"{SECRETS}/good", APPLY, secret("good", data={"p": B})),
    "unknown-patch": ("PATCH", f"{SECRETS}/good", "application/x", secret("good", data={"p": B})),
    "delete-body": ("DELETE", f"{SECRETS}/good", JSON, f'{{"kind":"{V}'),
    "to-maps": ("POST", "/api/v1/namespaces/default/configmaps", JSON, secret(data={"p": B})),
    "to-pods": ("POST", "/api/v1/namespaces/default/pods", JSON, secret(data={"p": B})),
    "to-nowhere": ("POST", "/api/v1/namespaces/default/secretz", JSON, secret(data={"p": B})),
    "no-method": ("POST", f"{SECRETS}/good", JSON, secret(data={"p": B})),
    "review-type": ("POST", REVIEWS, JSON, review(spec={"token": [V]})),
    "review-text": ("POST", REVIEWS, JSON, review(spec=V)),
    "review-unknown": ("POST", f"{REVIEWS}?fieldValidation=Strict", JSON, review(spec={"tokn": V})),
    "review-cut-off": ("POST", REVIEWS, JSON, f'{{"spec":{{"token":"{V}'),
    "review-none": ("POST", REVIEWS, JSON, V),
    "review-other": ("POST", REVIEWS, JSON, {"kind": 5, "spec": {"token": V}}),
    "review-metadata": ("POST", REVIEWS, JSON, review(spec={"token": V}, metadata={"name": "x"})),
    "request-type": ("POST", f"{ACCOUNTS}/default/token", JSON, {"spec": {"audiences": 5}, "status": {"token": V}}),
    "request-short": ("POST", f"{ACCOUNTS}/default/token", JSON, {"spec": {"expirationSeconds": 1}, "status": {"token": V}}),
    "request-cut-off": ("POST", f"{ACCOUNTS}/default/token", JSON, f'{{"status":{{"token":"{V}'),
    "query-token": ("GET", f"/api/v1/namespaces/none/pods/x?token={V}&access_token={V}", "", ""),
}  # fmt: skip


@dataclass
class Place:
    """The server, and what was found of what must not be seen."""

    https: HttpsServer
    leaks: Leaks
    folder: object


@contextlib.asynccontextmanager
async def everything_on(pki, signing_key, tmp_path, caplog) -> AsyncIterator[Place]:
    """A server that logs and records all it can; what it leaves behind is searched at the end."""
    policy = tmp_path / "policy.yaml"
    rule = {"level": "RequestResponse"}
    policy.write_text(yaml.safe_dump({"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rules": [rule]}))
    encryption = ensure_configuration(tmp_path / "encryption.json")
    caplog.set_level("DEBUG")
    leaks = Leaks()
    providers = json.loads(encryption.read_text())["resources"][0]["providers"]
    leaks.look_for("encryption key", providers[0]["aesgcm"]["keys"][0]["secret"])
    leaks.look_for("signing key", signing_key.read_text().splitlines()[3])
    store = await open_store("sqlite", tmp_path)
    settings = {
        "audit_policy_file": policy,
        "audit_log_file": tmp_path / "audit.log",
        "encryption_config_file": encryption,
    }
    async with serving(pki, signing_key, tmp_path, store=store, tokens=TOKENS, **settings) as https:
        yield Place(https, leaks, tmp_path)
    leaks.check("logging", caplog.text)
    looked_at = leaks.check_files(tmp_path, besides={policy, encryption})
    assert looked_at >= 3, "two logs and the store's file"
    assert (tmp_path / "audit.log").stat().st_size > 10_000
    assert "\n".join(leaks.found) == ""


async def send(session, method, path, content_type="", body=""):
    data = body if isinstance(body, str) else json.dumps(body)
    headers = {"Content-Type": content_type} if content_type else {}
    async with session.request(
        method, path, data=io.BytesIO(data.encode()) if data else None, headers=headers
    ) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def must(session, *arguments):
    status, body, _ = await send(session, *arguments)
    assert status < 300, body
    return json.loads(body)


async def prepare(session):
    """The objects that the bad requests are about."""
    await must(session, "POST", ACCOUNTS, JSON, {"metadata": {"name": "default"}})
    for name, more in (("good", {}), ("sealed", {"immutable": True})):
        await must(
            session,
            "PATCH",
            f"{SECRETS}/{name}?fieldManager=a",
            APPLY,
            secret(name, data={"p": b64(value("p"))}, **more),
        )


async def use_well(place, session):
    """Secrets and tokens as they should be used."""
    applied = json.dumps(secret("applied", stringData={"p": V}))
    noted = {"name": "applied", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}}
    await must(session, "POST", SECRETS, JSON, {"metadata": noted, "stringData": {"p": V}})
    await must(session, "PATCH", f"{SECRETS}/applied", MERGE, {"stringData": {"p": value("second")}})
    await must(session, "PATCH", f"{SECRETS}/applied", OPS, [{"op": "add", "path": "/data/q", "value": B}])
    tls = {"tls.crt": B, "tls.key": B}
    _, _, headers = await send(session, "POST", SECRETS, JSON, secret("tls", type="kubernetes.io/tls", data=tls))
    place.leaks.check("warning", headers.get("Warning", ""))
    assert MARK in str(await must(session, "GET", f"{SECRETS}/tls", "", "")) or B in str(
        await must(session, "GET", f"{SECRETS}/tls")
    )
    for accept in ("", "application/json;as=Table;g=meta.k8s.io;v=v1", PROTOBUF, YAML):
        for path in (SECRETS, f"{SECRETS}?includeObject=Object", f"{SECRETS}/applied"):
            async with session.get(path, headers={"Accept": accept}) as answer:
                assert answer.status == 200
                await answer.read()
    made = await must(session, "POST", f"{ACCOUNTS}/default/token", JSON, {"spec": {}})
    token = made["status"]["token"]
    place.leaks.look_for("account token", token[-60:])
    for given in (token, ADMIN_TOKEN, value("wrong")):
        await must(session, "POST", REVIEWS, JSON, review(spec={"token": given}))
    async with place.https.session(token) as account:
        assert (await send(account, "GET", SECRETS))[0] == 403
    await must(session, "DELETE", f"{SECRETS}/tls", "", "")
    await join(place, session)


async def join(place, session):
    """A bootstrap token: used, reviewed, and given wrongly."""
    token_id, half = "jo1n3r", "s0meth1ngthat1s0"
    place.leaks.look_for("bootstrap token", half)
    data = {"token-id": token_id, "token-secret": half, "usage-bootstrap-authentication": "true"}
    kind = "bootstrap.kubernetes.io/token"
    named = {"metadata": {"name": f"bootstrap-token-{token_id}"}, "type": kind, "stringData": data}
    await must(session, "POST", "/api/v1/namespaces/kube-system/secrets", JSON, named)
    await must(session, "POST", REVIEWS, JSON, review(spec={"token": f"{token_id}.{half}"}))
    async with place.https.session(f"{token_id}.{half}") as joiner:
        assert (await send(joiner, "GET", SECRETS))[0] == 403
    async with place.https.session(f"wr0ng0.{half}") as joiner:
        status, body, _ = await send(joiner, "GET", SECRETS)
        assert status == 401
        place.leaks.check("answer to a wrong bootstrap token", body)


async def try_credentials(place):
    """Credentials that are not good, in every place where clients put them."""
    tries = [
        {"Authorization": f"Bearer {value('wrong')}"},
        {"Authorization": f"bearer  {value('wrong')} "},
        {"Authorization": f"Basic {b64(value('wrong'))}"},
        {"Authorization": value("wrong")},
        {"Authorization": f"Bearer {value('one')}, Bearer {value('two')}"},
        {"Cookie": f"token={value('wrong')}", "X-Api-Key": value("wrong")},
        {"Sec-WebSocket-Protocol": f"base64url.bearer.authorization.k8s.io.{b64(value('wrong'))}"},
        {"Authorization": f"Bearer {value('plain-token')}", "Impersonate-User": "admin"},
    ]
    for headers in tries:
        async with place.https.session("") as session, session.get(SECRETS, headers=headers) as answer:
            assert answer.status in {401, 403}
            place.leaks.check(f"answer to {list(headers)}", await answer.read())
    reader, writer = await asyncio.open_connection("127.0.0.1", place.https.port, ssl=place.https.tls())
    writer.write(f"GET {SECRETS} HTTP/1.1\r\nAuthorization: Bearer {value('raw')}\r\nbad header line\r\n\r\n".encode())
    place.leaks.check("answer to a broken head", await reader.read())
    writer.close()


async def look_at_objects(place, session):
    """Everything in the API but the secrets themselves, and the pages beside it."""
    groups = [g["preferredVersion"]["groupVersion"] for g in (await must(session, "GET", "/apis", "", ""))["groups"]]
    seen = 0
    for base in ("/api/v1", *(f"/apis/{version}" for version in groups)):
        for row in (await must(session, "GET", base, "", ""))["resources"]:
            if "list" in row["verbs"] and row["name"] != "secrets":
                status, body, _ = await send(session, "GET", f"{base}/{row['name']}")
                assert status == 200, (row["name"], body)
                place.leaks.check(row["name"], body)
                seen += 1
    assert seen > 40
    for path in ("/metrics", "/openapi/v2", "/openapi/v3", "/readyz?verbose"):
        place.leaks.check(path, (await send(session, "GET", path))[1])


async def test_nothing_leaks(pki, signing_key, tmp_path, caplog):
    async with everything_on(pki, signing_key, tmp_path, caplog) as place, place.https.session(ADMIN_TOKEN) as session:
        await prepare(session)
        await use_well(place, session)
        watch = await Api(place.https.server).watch(SECRETS)
        await watch.next()
        await watch.close()
        for name, request in BAD.items():
            status, body, answered = await send(session, *request)
            if name not in ACCEPTED:
                assert 400 <= status < 500, (name, status, body)
            place.leaks.check(f"answer to {name}", body if status >= 400 else b"")
            place.leaks.check(f"warnings to {name}", answered.get("Warning", ""))
        await try_credentials(place)
        await look_at_objects(place, session)


ACCEPTED = {"bootstrap", "review-metadata"}
"""What the server takes, odd as it is."""


def test_the_search_finds_what_is_there(tmp_path):
    """A search that finds nothing anywhere would be no search."""
    (tmp_path / "a.log").write_text(f"x {V}")
    (tmp_path / "b.log").write_text(b64("a" + V))
    (tmp_path / "c.log").write_text(b64("ab" + V))
    (tmp_path / "d.log").write_text(V[:8])
    shutil.copytree(tmp_path, tmp_path / "below")
    leaks = Leaks()
    assert leaks.check_files(tmp_path) == 8
    assert len(leaks.found) == 8
