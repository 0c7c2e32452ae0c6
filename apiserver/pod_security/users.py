"""Controls of the user that containers run as: not root, unless the pod has users of its own."""

from __future__ import annotations

from podwright.apiserver.pod_security.violation import JSON, Violation, context_of, found_in, named, setters

_REASON = "runAsNonRoot != true"


def not_root(metadata: JSON, spec: JSON) -> Violation | None:
    """Every container says that it does not run as root, or the pod says so for it."""
    del metadata
    for_all = context_of(spec).get("runAsNonRoot")
    told = setters(
        pod=for_all is False, containers=found_in(spec, lambda each: context_of(each).get("runAsNonRoot") is False)
    )
    if told:
        return Violation(_REASON, f"{' and '.join(told)} must not set securityContext.runAsNonRoot=false")
    silent = [] if for_all else found_in(spec, lambda each: context_of(each).get("runAsNonRoot") is None)
    if not silent:
        return None
    return Violation(_REASON, f"pod or {named(silent)} must set securityContext.runAsNonRoot=true")


def user_zero(metadata: JSON, spec: JSON) -> Violation | None:
    """Nobody asks for user 0."""
    del metadata
    told = setters(pod=_is_zero(spec), containers=found_in(spec, _is_zero))
    return Violation("runAsUser=0", f"{' and '.join(told)} must not set runAsUser=0") if told else None


def _is_zero(part: JSON) -> bool:
    return context_of(part).get("runAsUser") == 0
