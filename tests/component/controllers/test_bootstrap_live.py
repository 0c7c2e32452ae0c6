"""Tokens that nodes join with against the real API server: they end in time, and vouch for the cluster until then."""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from hashlib import sha256

from control_plane import eventually

from podwright.api.resources import find
from podwright.api.times import format_time

SECRETS, CONFIG_MAPS = find("secrets"), find("configmaps")


def token(plane, name="abcdef", seconds=None, **data):
    held = {"token-id": name, "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true", **data}
    if seconds is not None:
        held["expiration"] = format_time(plane.clock.now() + timedelta(seconds=seconds))
    encoded = {k: base64.b64encode(v.encode()).decode() for k, v in held.items()}
    metadata = {"name": f"bootstrap-token-{name}", "namespace": "kube-system"}
    return {"metadata": metadata, "type": "bootstrap.kubernetes.io/token", "data": encoded}


async def info(plane):
    found = await plane.get(CONFIG_MAPS, "cluster-info", namespace="kube-public")
    return (found or {}).get("data") or {}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def test_the_cluster_is_vouched_for(plane):
    plane.controllers()
    body = {"metadata": {"name": "cluster-info", "namespace": "kube-public"}, "data": {"kubeconfig": "where: here\n"}}
    await plane.client.create(CONFIG_MAPS, body)
    await plane.client.create(SECRETS, token(plane))
    await plane.client.create(SECRETS, token(plane, "silent", **{"usage-bootstrap-signing": "false"}))
    signed = await eventually(lambda: _signature(plane, "abcdef"))
    head, nothing, signature = signed.split(".")
    assert nothing == ""
    assert base64.urlsafe_b64decode(head + "==") == b'{"alg":"HS256","kid":"abcdef"}'
    whole = f"{head}.{b64(b'where: here' + bytes([10]))}".encode()
    assert signature == b64(hmac.digest(b"0123456789abcdef", whole, sha256))

    await plane.client.patch(CONFIG_MAPS, "cluster-info", {"data": {"kubeconfig": "there"}}, namespace="kube-public")

    async def other():
        return (await _signature(plane, "abcdef")) not in {signed, None}

    await eventually(other)
    assert "jws-kubeconfig-silent" not in await info(plane)
    await plane.client.delete(SECRETS, "bootstrap-token-abcdef", namespace="kube-system")

    async def gone():
        return "jws-kubeconfig-abcdef" not in await info(plane)

    await eventually(gone)


async def _signature(plane, name):
    return (await info(plane)).get(f"jws-kubeconfig-{name}")


async def test_tokens_go_when_they_end(plane):
    plane.controllers()
    body = {"metadata": {"name": "cluster-info", "namespace": "kube-public"}, "data": {"kubeconfig": "x"}}
    await plane.client.create(CONFIG_MAPS, body)
    await plane.client.create(SECRETS, token(plane, "endsxx", 2))
    await plane.client.create(SECRETS, token(plane, "ends00"))
    other = token(plane, "ends01", -1) | {"type": "Opaque"}
    await plane.client.create(SECRETS, other)
    await eventually(lambda: _signature(plane, "endsxx"))

    async def gone():
        present = await plane.get(SECRETS, "bootstrap-token-endsxx", namespace="kube-system")
        return present is None and await _signature(plane, "endsxx") is None

    await eventually(gone)
    for name in ("ends00", "ends01"):
        assert await plane.get(SECRETS, f"bootstrap-token-{name}", namespace="kube-system")
