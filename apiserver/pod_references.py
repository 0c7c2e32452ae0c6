"""What a pod, and a volume, name by name: which objects whoever runs the pod has to read. Pure.

It must never leave anything out that a node needs to run a pod, nor add what only the control plane reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

JSON = Mapping[str, Any]
Reference = tuple[str, str]
"""Plural and name; the namespace is the pod's."""

SECRETS: Final = "secrets"
CONFIG_MAPS: Final = "configmaps"
CLAIMS: Final = "persistentvolumeclaims"
ACCOUNTS: Final = "serviceaccounts"
DEVICE_CLAIMS: Final = "resourceclaims"

_ENV_FROM: Final = (("configMapRef", CONFIG_MAPS), ("secretRef", SECRETS))
_ENV_KEYS: Final = (("configMapKeyRef", CONFIG_MAPS), ("secretKeyRef", SECRETS))
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
# volume source -> field -> what it names; a field that holds an object names it by `name`
_SOURCES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "azureFile": (("secretName", SECRETS),),
    "cephfs": (("secretRef", SECRETS),),
    "cinder": (("secretRef", SECRETS),),
    "configMap": (("name", CONFIG_MAPS),),
    "csi": (("nodePublishSecretRef", SECRETS),),
    "flexVolume": (("secretRef", SECRETS),),
    "iscsi": (("secretRef", SECRETS),),
    "persistentVolumeClaim": (("claimName", CLAIMS),),
    "rbd": (("secretRef", SECRETS),),
    "scaleIO": (("secretRef", SECRETS),),
    "secret": (("secretName", SECRETS), ("name", SECRETS)),
    "storageos": (("secretRef", SECRETS),),
}
# the same of a PersistentVolume: what its controller alone reads (of csi: publishing and growing) is not there
_VOLUME_SECRETS: Final[Mapping[str, tuple[str, ...]]] = {
    "cephfs": ("secretRef",),
    "cinder": ("secretRef",),
    "csi": ("nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef"),
    "flexVolume": ("secretRef",),
    "iscsi": ("secretRef",),
    "rbd": ("secretRef",),
    "scaleIO": ("secretRef",),
    "storageos": ("secretRef",),
}


def references(pod: JSON) -> frozenset[Reference]:
    """Everything a pod names."""
    return frozenset((plural, name) for plural, name in _references(pod) if name)


def _references(pod: JSON) -> Iterator[Reference]:
    spec: JSON = pod["spec"]
    yield ACCOUNTS, spec.get("serviceAccountName") or ""
    for secret in spec.get("imagePullSecrets") or ():
        yield SECRETS, secret.get("name") or ""
    for volume in spec.get("volumes") or ():
        if volume.get("ephemeral"):
            yield CLAIMS, f"{pod['metadata']['name']}-{volume.get('name') or ''}"
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            yield from _source(source)
    for field in _CONTAINERS:
        for container in spec.get(field) or ():
            yield from _environment(container)
    yield from _device_claims(spec, pod.get("status") or {})


def _source(source: JSON) -> Iterator[Reference]:
    for kind, content in source.items():
        for field, plural in _SOURCES.get(kind, ()) if content else ():
            named: Any = content.get(field) or ""
            yield plural, named if isinstance(named, str) else named.get("name") or ""


def _environment(container: JSON) -> Iterator[Reference]:
    for source in container.get("envFrom") or ():
        yield from ((plural, (source.get(key) or {}).get("name") or "") for key, plural in _ENV_FROM)
    for variable in container.get("env") or ():
        value: JSON = variable.get("valueFrom") or {}
        yield from ((plural, (value.get(key) or {}).get("name") or "") for key, plural in _ENV_KEYS)


def _device_claims(spec: JSON, status: JSON) -> Iterator[Reference]:
    """Claims by name, or by what was made of their template."""
    made = {entry.get("name"): entry.get("resourceClaimName") for entry in status.get("resourceClaimStatuses") or ()}
    for claim in spec.get("resourceClaims") or ():
        yield DEVICE_CLAIMS, claim.get("resourceClaimName") or made.get(claim.get("name")) or ""
    yield DEVICE_CLAIMS, (status.get("extendedResourceClaimStatus") or {}).get("resourceClaimName") or ""


def volume_secrets(volume: JSON) -> frozenset[tuple[str, str]]:
    """Namespace and name of the Secrets that a node needs for a PersistentVolume."""
    spec: JSON = volume.get("spec") or {}
    own: str = (spec.get("claimRef") or {}).get("namespace") or ""
    found: set[tuple[str, str]] = set()
    azure: JSON = spec.get("azureFile") or {}
    if azure.get("secretName"):
        found.add((azure.get("secretNamespace") or own, azure["secretName"]))
    for kind, fields in _VOLUME_SECRETS.items():
        source: JSON = spec.get(kind) or {}
        for field in fields:
            named: JSON = source.get(field) or {}
            if named.get("name"):
                found.add((named.get("namespace") or own, named["name"]))
    return frozenset(found)
