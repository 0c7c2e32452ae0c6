"""Which Secrets a pod may name: those that its service account lists, where that asks for it; mirror pods none.

Pure. It must never look at a Secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from podwright.apiserver.pod_references import SECRETS, references

JSON = dict[str, Any]
ENFORCED: Final = "kubernetes.io/enforce-mountable-secrets"
"""The annotation of an account whose pods may name nothing but what it lists."""
_TRUE: Final = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FIELDS: Final = (("initContainers", "init container"), ("containers", "container"))


def mirror_problem(pod: JSON) -> str:
    """Say why what stands for a pod that a node runs by itself may not be: it names what only the API server has."""
    spec: JSON = pod["spec"]
    if spec.get("serviceAccountName"):
        return "a mirror pod may not reference service accounts"
    if any(plural == SECRETS for plural, _ in references(pod)):
        return "a mirror pod may not reference secrets"
    sources = (source for volume in spec.get("volumes") or () for source in _projected(volume))
    if any(source.get("serviceAccountToken") is not None for source in sources):
        return "a mirror pod may not use ServiceAccountToken volume projections"
    return ""


def enforced(account: JSON) -> bool:
    """Tell whether an account limits what its pods may name."""
    return ((account.get("metadata") or {}).get("annotations") or {}).get(ENFORCED) in _TRUE


def pod_problem(spec: JSON, account: JSON) -> str:
    """Say which Secret a new pod names that its account does not list; "" when there is none."""
    return next(_pod_problems(spec, account), "")


def ephemeral_problem(spec: JSON, account: JSON) -> str:
    """The same of the ephemeral containers that a pod was given later."""
    return next(_container_problems(spec, "ephemeralContainers", "ephemeral container", account), "")


def _pod_problems(spec: JSON, account: JSON) -> Iterator[str]:
    listed = _listed(account, "secrets")
    for volume in spec.get("volumes") or ():
        source = volume.get("secret")
        if source is not None and (source.get("secretName") or "") not in listed:
            yield f"volume with {_refused(source.get('secretName') or '', account)}"
    for field, words in _FIELDS:
        yield from _container_problems(spec, field, words, account)
    pulled, mine = _listed(account, "imagePullSecrets"), account["metadata"]["name"]
    for at, secret in enumerate(spec.get("imagePullSecrets") or ()):
        name = secret.get("name") or ""
        if name not in pulled:
            why = f"is not allowed because service account {mine} does not reference that imagePullSecret"
            yield f'imagePullSecrets[{at}].name="{name}" {why}'


def _container_problems(spec: JSON, field: str, words: str, account: JSON) -> Iterator[str]:
    listed = _listed(account, "secrets")
    for container in spec.get(field) or ():
        who = f"{words} {container.get('name') or ''}"
        for variable in container.get("env") or ():
            key = (variable.get("valueFrom") or {}).get("secretKeyRef")
            if key is not None and (key.get("name") or "") not in listed:
                refused = _refused(key.get("name") or "", account)
                yield f"{who} with envVar {variable.get('name') or ''} referencing {refused}"
        for source in container.get("envFrom") or ():
            secret = source.get("secretRef")
            if secret is not None and (secret.get("name") or "") not in listed:
                yield f"{who} with envFrom referencing {_refused(secret.get('name') or '', account)}"


def _refused(name: str, account: JSON) -> str:
    why = f"is not allowed because service account {account['metadata']['name']} does not reference that secret"
    return f'secret.secretName="{name}" {why}'


def _listed(account: JSON, field: str) -> frozenset[str]:
    return frozenset(secret.get("name") or "" for secret in account.get(field) or ())


def _projected(volume: JSON) -> list[JSON]:
    return (volume.get("projected") or {}).get("sources") or []
