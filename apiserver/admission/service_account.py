"""Every pod runs as a service account, which must exist, and gets its token, CA and namespace as a volume."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import orjson

from podwright.api.errors import forbidden
from podwright.api.resources import Resource, find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin
from podwright.apiserver.registry.metadata import suffix_of

JSON = dict[str, Any]
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
MIRROR = "kubernetes.io/config.mirror"
_PODS, _ACCOUNTS = find("pods"), find("serviceaccounts")
_TOKEN_SECONDS = 3607  # an hour and a little: a token of just an hour would be refreshed by every reader at once


class ServiceAccountAdmission(BasePlugin):
    """See the module."""

    def concerns(self, resource: Resource, verb: str) -> bool:
        """Creates of pods, and updates: of their ephemeral containers."""
        return resource is _PODS and verb in {"create", "update"}

    def admit(self, attributes: Attributes) -> None:
        """Fill in the account and its volume. Raises ApiError 403."""
        pod, ctx = attributes.obj, attributes.ctx
        if pod is None or attributes.verb != "create" or ctx.subresource:
            return
        if MIRROR in (pod["metadata"].get("annotations") or {}):
            from podwright.apiserver.admission.mountable_secrets import mirror_problem

            _refuse(attributes, mirror_problem(pod))
            return
        spec: JSON = pod["spec"]
        name: str = spec.get("serviceAccountName") or "default"
        spec["serviceAccountName"] = spec["serviceAccount"] = name
        account = _account(attributes, name)
        automount = spec.get("automountServiceAccountToken")
        if automount is None:
            automount = account.get("automountServiceAccountToken", True)
        if automount:
            _mount(spec)
        if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
            spec["imagePullSecrets"] = [dict(secret) for secret in account["imagePullSecrets"]]
        if account["metadata"].get("annotations"):
            from podwright.apiserver.admission.mountable_secrets import enforced, pod_problem

            _refuse(attributes, pod_problem(spec, account) if enforced(account) else "")

    def validate(self, attributes: Attributes) -> None:
        """Hold the ephemeral containers that a pod is given to what its account lists. Raises ApiError 403."""
        pod = attributes.obj
        if pod is None or attributes.ctx.subresource != "ephemeralcontainers":
            return
        from podwright.apiserver.admission.mountable_secrets import enforced, ephemeral_problem

        name: str = pod["spec"].get("serviceAccountName") or ""
        if not name:
            _refuse(attributes, f"no service account specified for pod {attributes.ctx.namespace}/{attributes.name}")
        account = _account(attributes, name)
        _refuse(attributes, ephemeral_problem(pod["spec"], account) if enforced(account) else "")


def _account(attributes: Attributes, name: str) -> JSON:
    ctx = attributes.ctx
    account = ctx.lookup.get(_ACCOUNTS, name, ctx.namespace)
    if account is None:
        where = f"{ctx.namespace}/{name}"
        why = f'error looking up service account {where}: serviceaccount "{name}" not found'
        raise forbidden("pods", attributes.name, why)
    return account


def _refuse(attributes: Attributes, why: str) -> None:
    if why:
        raise forbidden("pods", attributes.name, why)


def _mount(spec: JSON) -> None:
    """Add the volume to the pod and a mount to every container that has none at that path."""
    # The same for pods that are alike, so that all of them are judged as one.
    volume = f"kube-api-access-{suffix_of(crc32(orjson.dumps(spec)))}"
    mounted = False
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            mounts: list[JSON] = container.setdefault("volumeMounts", [])
            if not any(m.get("mountPath") == MOUNT_PATH for m in mounts):
                mounts.append({"name": volume, "readOnly": True, "mountPath": MOUNT_PATH})
                mounted = True
    if mounted:
        spec.setdefault("volumes", []).append(_volume(volume))


def _volume(name: str) -> JSON:
    sources: list[JSON] = [
        {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": 0o644}}
