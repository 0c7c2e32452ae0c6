"""Projected volumes: several sources in one directory, none of whose files may collide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from podwright.api import field_errors
from podwright.api.core.projection import ClusterTrustBundleProjection
from podwright.apiserver.strategies import selectors, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.internals import internal_text
from podwright.apiserver.strategies.pod import references
from podwright.apiserver.strategies.pod.paths import file_mode, not_reserved
from podwright.apiserver.strategies.signers import signer_name

JSON = dict[str, Any]

_CONFLICT = "conflicting duplicate paths"
_KEY_TYPES = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_DAY = 24 * 3600


def validate_projected(errors: Errors, path: str, source: JSON) -> None:
    """Check a projected volume."""
    file_mode(errors, f"{path}.defaultMode", source.get("defaultMode"))
    taken: set[str] = set()
    for index, projection in enumerate(source.get("sources") or ()):
        where = f"{path}.sources[{index}]"
        count = 0
        for kind, check in _KINDS.items():
            part = projection.get(kind)
            if part is not None:
                count += 1
                check(errors, path, f"{where}.{kind}", part, taken)
        if count > 1:
            detail = "may not specify more than 1 volume type per source"
            errors.append(field_errors.forbidden(where, detail))


def validate_downward_item(errors: Errors, path: str, item: JSON) -> None:
    """Check one file of the downward API."""
    target = item.get("path") or ""
    if not target:
        errors.append(field_errors.required(f"{path}.path"))
    not_reserved(errors, f"{path}.path", target)
    field, resource = item.get("fieldRef"), item.get("resourceFieldRef")
    if field is not None:
        references.validate_field_ref(errors, f"{path}.fieldRef", field, references.VOLUME_FIELDS)
        if resource is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(field_errors.invalid(path, "resource", detail))
    elif resource is not None:
        references.validate_resource_ref(errors, f"{path}.resourceFieldRef", resource, in_volume=True)
    else:
        errors.append(field_errors.required(path, "one of fieldRef and resourceFieldRef is required"))
    file_mode(errors, f"{path}.mode", item.get("mode"))


def _take(errors: Errors, volume: str, target: str, taken: set[str], shown_value: str) -> None:
    if target in taken:
        errors.append(field_errors.invalid(volume, shown_value, _CONFLICT))
    taken.add(target)


def _keyed(errors: Errors, volume: str, path: str, part: JSON, taken: set[str]) -> None:
    from podwright.apiserver.strategies.pod.volumes import validate_key_to_path

    name = part.get("name") or ""
    if not name:
        errors.append(field_errors.required(f"{path}.name"))
    for index, item in enumerate(part.get("items") or ()):
        validate_key_to_path(errors, f"{path}.items[{index}]", item)
        if item.get("path"):
            _take(errors, volume, item["path"], taken, name)


def _downward(errors: Errors, volume: str, path: str, part: JSON, taken: set[str]) -> None:
    for item in part.get("items") or ():
        validate_downward_item(errors, path, item)
        if item.get("path"):
            _take(errors, volume, item["path"], taken, item["path"])


def _token(errors: Errors, volume: str, path: str, part: JSON, _taken: set[str]) -> None:
    seconds = part.get("expirationSeconds") or 0
    if seconds < 600:
        detail = "may not specify a duration less than 10 minutes"
        errors.append(field_errors.invalid(f"{path}.expirationSeconds", seconds, detail))
    if seconds > 2**32:
        detail = "may not specify a duration larger than 2^32 seconds"
        errors.append(field_errors.invalid(f"{path}.expirationSeconds", seconds, detail))
    target = part.get("path")
    if not target:
        errors.append(field_errors.required(f"{volume}.path"))
    else:
        not_reserved(errors, f"{volume}.path", target)


def _trust_bundle(errors: Errors, volume: str, path: str, part: JSON, taken: set[str]) -> None:
    name, signer, target = part.get("name"), part.get("signerName"), part.get("path") or ""
    if name is not None and signer is not None:
        detail = "only one of name and signerName may be used"
        errors.append(shown.ShownError("Invalid", path, internal_text(ClusterTrustBundleProjection, part), detail))
    elif name is not None:
        if not name:
            errors.append(field_errors.required(f"{path}.name", "must be a valid object name"))
        selector = part.get("labelSelector")
        if selector is not None:
            detail = "labelSelector must be unset if name is specified"
            text = shown.selector(selector)
            errors.append(shown.ShownError("Invalid", f"{path}.labelSelector", text, detail))
    elif signer is not None:
        if not signer:
            errors.append(field_errors.required(f"{path}.signerName", "must be a valid signer name"))
        signer_name(errors, f"{path}.signerName", signer)
        selectors.validate(errors, f"{path}.labelSelector", part.get("labelSelector"))
    else:
        errors.append(field_errors.required(path, "either name or signerName must be specified"))
    if not target:
        errors.append(field_errors.required(f"{path}.path"))
    not_reserved(errors, f"{path}.path", target)
    _take(errors, volume, target, taken, target)


def _certificate(errors: Errors, volume: str, path: str, part: JSON, taken: set[str]) -> None:
    signer = part.get("signerName") or ""
    signer_name(errors, f"{path}.signerName", signer)
    kind = part.get("keyType") or ""
    if kind not in _KEY_TYPES:
        errors.append(field_errors.not_supported(f"{path}.keyType", kind, _KEY_TYPES))
    seconds = part.get("maxExpirationSeconds")
    if seconds is not None:
        host = signer.partition("/")[0]
        own = host == "kubernetes.io" or host.endswith(".kubernetes.io")
        limit = _DAY if own else 91 * _DAY
        where = f"{path}.maxExpirationSeconds"
        if seconds < 3600:
            errors.append(field_errors.invalid(where, seconds, "if provided, maxExpirationSeconds must be >= 3600"))
        if seconds > limit:
            detail = f"if provided, maxExpirationSeconds must be <= {limit}"
            errors.append(field_errors.invalid(where, seconds, detail))
    count = 0
    for name in ("credentialBundlePath", "keyPath", "certificateChainPath"):
        target = part.get(name)
        if target:
            count += 1
            not_reserved(errors, f"{path}.{name}", target)
            _take(errors, volume, target, taken, target)
    if not count:
        detail = "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"
        errors.append(field_errors.required(path, detail))


_KINDS: dict[str, Callable[[Errors, str, str, JSON, set[str]], None]] = {
    "secret": _keyed,
    "configMap": _keyed,
    "downwardAPI": _downward,
    "serviceAccountToken": _token,
    "clusterTrustBundle": _trust_bundle,
    "podCertificate": _certificate,
}
