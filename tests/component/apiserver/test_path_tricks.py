"""Other ways to write a path lead nowhere else: who may read pods of one namespace reads nothing but them."""

import asyncio
import json

import pytest
from api_client import pod

RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
ROOT = "/api/v1/namespaces/default/pods"
TRICKS = [
    f"{ROOT}/../secrets",
    f"{ROOT}/../../kube-system/secrets",
    f"{ROOT}/%2e%2e/secrets",
    f"{ROOT}/..%2fsecrets",
    f"{ROOT}%2f..%2fsecrets",
    f"{ROOT}/x/../../secrets/s",
    f"{ROOT}/./x/log",
    f"{ROOT}//x/log",
    f"{ROOT}/x//log",
    f"{ROOT}/x/%6cog",
    f"{ROOT}/x/log/",
    f"{ROOT}/x/log%00",
    f"{ROOT}/x/LOG",
    f"{ROOT}/x/exec%20",
    f"{ROOT}/x/proxy/..",
    f"{ROOT}/x%2fproxy%2f",
    f"{ROOT}?/../secrets",
    f"{ROOT};/../secrets",
    "/api/v1/namespaces/default/secrets%20",
    "/api/v1/namespaces/default%2fsecrets/pods/x",
    "/api/v1/namespaces/default/secrets?resource=pods",
    "/api/v1/namespaces/kube-system/pods?namespace=default",
    "/api/v1/namespaces//pods",
    "/api/v1/namespaces/*/pods",
    "/api/v1/namespaces/default/pods,secrets",
    "/api/v1/watch/namespaces/default/secrets?watch=false",
    "/api/v1/watch/namespaces/default/pods/x/log?watch=0",
    "/api/v1//namespaces/default/secrets",
    "/API/v1/namespaces/default/secrets",
    "/apis//v1/namespaces/default/secrets",
    "/apis/core/v1/namespaces/default/secrets",
    "/apis/%2fv1/namespaces/default/secrets",
    "//api/v1/namespaces/default/secrets",
    "/api/v1/namespaces/default/secrets#/pods",
    "/metrics/../api/v1/namespaces/default/secrets",
    "/healthz/../metrics",
    "/healthz%2f..%2fmetrics",
    "http://other/api/v1/namespaces/default/secrets",
    "*",
    "/api/v1/namespaces/default/pods/x%00/../../secrets",
    "/api/v1/namespaces/default/pods/%ff",
    "/api/v1/namespaces/default/pods/x/status?fieldManager=x&dryRun=All",
]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("path", TRICKS)
async def test_a_path_written_otherwise_leads_nowhere_else(https, path: str) -> None:
    await https.api.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    await https.api.create("/api/v1/namespaces/default/secrets", {"metadata": {"name": "s"}, "data": {"k": "c2VjcmV0"}})
    await https.api.create(ROOT, pod("x"))
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    await https.api.create(f"{RBAC}/roles", {"metadata": {"name": "pods"}, "rules": [rule]})
    to = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "pods"}
    jane = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "jane"}
    await https.api.create(f"{RBAC}/rolebindings", {"metadata": {"name": "pods"}, "roleRef": to, "subjects": [jane]})
    for method in METHODS:
        status, body = await _ask(https, method, path)
        assert status in {200, 400, 403, 404, 405, 501}, (method, status, body)
        assert b"c2VjcmV0" not in body
        if status == 200:
            found = json.loads(body)
            assert (method, found["kind"]) in {("GET", "Pod"), ("GET", "PodList")}, (method, path, body)
    assert (await https.api.get(f"{ROOT}/x")).status == 200


async def _ask(https, method: str, path: str) -> tuple[int, bytes]:
    """Send a request line as it is: no client tidies the path."""
    reader, writer = await asyncio.open_connection("127.0.0.1", https.port, ssl=https.tls())
    head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer plain\r\ncontent-length: 0\r\n"
    writer.write(f"{head}connection: close\r\n\r\n".encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    head_of, _, body = answer.partition(b"\r\n\r\n")
    return int(head_of.split(b" ", 2)[1]), body
