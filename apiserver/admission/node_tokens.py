"""A node is given service-account tokens for its own pods alone, bound to them, for audiences that they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from podwright.api.errors import ApiError, forbidden, not_found
from podwright.api.quoting import quote
from podwright.api.resources import find
from podwright.apiserver.authorization.authorizer import Authorizer
from podwright.apiserver.authorization.identities import node_of
from podwright.apiserver.routes import Target
from podwright.apiserver.strategy import Lookup
from podwright.apiserver.user import User

JSON = dict[str, Any]
_PODS, _CLAIMS, _VOLUMES = find("pods"), find("persistentvolumeclaims"), find("persistentvolumes")
_DRIVERS: Final = find("csidrivers", "storage.k8s.io")
_AUDIENCE_VERB: Final = "request-serviceaccounts-token-audience"


def check_node_token(
    user: User, lookup: Lookup, authorizer: Authorizer, namespace: str, account: str, spec: JSON
) -> None:
    """Refuse a token that a node asks for and its pods do not need. Raises ApiError 403, 404."""
    node = node_of(user)
    if node is None:
        return
    reference: JSON = spec.get("boundObjectRef") or {}
    if (reference.get("apiVersion"), reference.get("kind")) != ("v1", "Pod") or not reference.get("name"):
        raise _refused(account, "node requested token not bound to a pod")
    uid = reference.get("uid")
    if not uid:
        raise _refused(account, "node requested token with a pod binding without a uid")
    pod = lookup.get(_PODS, reference["name"], namespace)
    if pod is None:
        raise not_found("pods", reference["name"])
    if pod["metadata"]["uid"] != uid:
        why = (
            f"the UID in the bound object reference ({uid}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise _refused(account, why)
    if not node or (pod.get("spec") or {}).get("nodeName") != node:
        raise _refused(account, "node requested token bound to a pod scheduled on a different node")
    _check_audience(user, lookup, authorizer, namespace, account, spec, pod)


def _check_audience(
    user: User, lookup: Lookup, authorizer: Authorizer, namespace: str, account: str, spec: JSON, pod: JSON
) -> None:
    audiences: list[str] = spec.get("audiences") or [""]
    if len(audiences) > 1:
        raise _refused(account, "node may only request 0 or 1 audiences")
    audience = audiences[0]
    if audience in set(_audiences(lookup, namespace, pod)):
        return
    target = Target(
        "", "", _AUDIENCE_VERB, resource=True, version="v1", namespace=namespace, plural=audience, name=account
    )
    if not audience or not authorizer.decide(user, target).allowed:
        raise _refused(account, f"audience {quote(audience)} not found in pod spec volume")


def _audiences(lookup: Lookup, namespace: str, pod: JSON) -> Iterator[str]:
    """Whom the tokens in a pod's volumes are for."""
    for volume in pod["spec"].get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or ():
            if source.get("serviceAccountToken"):
                yield source["serviceAccountToken"].get("audience") or ""
        driver = _driver(lookup, namespace, pod, volume)
        found = lookup.get(_DRIVERS, driver) if driver else None
        for asked in ((found or {}).get("spec") or {}).get("tokenRequests") or ():
            yield asked.get("audience") or ""


def _driver(lookup: Lookup, namespace: str, pod: JSON, volume: JSON) -> str:
    """The storage driver behind a volume of a pod."""
    if volume.get("csi"):
        return volume["csi"].get("driver") or ""
    name = (volume.get("persistentVolumeClaim") or {}).get("claimName") or ""
    if volume.get("ephemeral"):
        name = f"{pod['metadata']['name']}-{volume['name']}"
    claim = lookup.get(_CLAIMS, name, namespace) if name else None
    bound = ((claim or {}).get("spec") or {}).get("volumeName")
    found = lookup.get(_VOLUMES, bound) if bound else None
    return ((((found or {}).get("spec") or {}).get("csi")) or {}).get("driver") or ""


def _refused(account: str, why: str) -> ApiError:
    return forbidden("serviceaccounts", account, why)
