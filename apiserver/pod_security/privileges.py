"""Controls of what a container may do beyond its user: privileges, capabilities, and gaining more of them."""

from __future__ import annotations

from typing import Final

from podwright.apiserver.pod_security.violation import (
    JSON,
    Violation,
    containers_of,
    context_of,
    found_in,
    named,
    quoted,
)

_USUAL: Final = frozenset(
    (
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
        "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    )
)  # fmt: skip
_LITTLE: Final = frozenset(("NET_BIND_SERVICE",))


def privileged(metadata: JSON, spec: JSON) -> Violation | None:
    """No container is privileged."""
    del metadata
    names = found_in(spec, lambda container: bool(context_of(container).get("privileged")))
    return Violation("privileged", f"{named(names)} must not set securityContext.privileged=true") if names else None


def escalation(metadata: JSON, spec: JSON) -> Violation | None:
    """Containers refuse to gain privileges."""
    del metadata
    names = found_in(spec, lambda container: context_of(container).get("allowPrivilegeEscalation") is not False)
    if not names:
        return None
    what = f"{named(names)} must set securityContext.allowPrivilegeEscalation=false"
    return Violation("allowPrivilegeEscalation != false", what)


def usual_capabilities(metadata: JSON, spec: JSON) -> Violation | None:
    """No capability is added that containers do not have anyway."""
    del metadata
    text = _added(spec, _USUAL)
    return Violation("non-default capabilities", text) if text else None


def few_capabilities(metadata: JSON, spec: JSON) -> Violation | None:
    """All capabilities are dropped, and hardly any is added."""
    del metadata
    names = found_in(spec, lambda container: "ALL" not in (_capabilities(container).get("drop") or ()))
    dropping = f'{named(names)} must set securityContext.capabilities.drop=["ALL"]' if names else ""
    texts = [text for text in (dropping, _added(spec, _LITTLE)) if text]
    return Violation("unrestricted capabilities", "; ".join(texts)) if texts else None


def _capabilities(container: JSON) -> JSON:
    return context_of(container).get("capabilities") or {}


def _added(spec: JSON, allowed: frozenset[str]) -> str:
    """What is wrong with the capabilities that containers add, "" if nothing."""
    names: list[str] = []
    refused: set[str] = set()
    for container in containers_of(spec):
        beyond = set(_capabilities(container).get("add") or ()) - allowed
        names += [container["name"]] if beyond else []
        refused |= beyond
    if not names:
        return ""
    return f"{named(names)} must not include {quoted(sorted(refused))} in securityContext.capabilities.add"
