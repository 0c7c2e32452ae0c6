"""What a pod's status may say and how it may change: nodes write it, and it must stay believable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from podwright.api import field_errors
from podwright.apiserver.strategies import formats, shown
from podwright.apiserver.strategies.formats import Errors
from podwright.apiserver.strategies.pod import annotation_rules
from podwright.apiserver.strategies.pod.security import user_or_group

JSON = dict[str, Any]

_SYSTEM_CONDITIONS = frozenset(("PodScheduled", "Ready", "Initialized"))
_NOT_NEGATIVE = "must be a non-negative integer"
_ONE_PER_FAMILY = "may specify no more than one IP for each IP family"
_STATUS_LISTS = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


def sync_pod_ips(pod: JSON) -> None:
    """Keep `podIP` and `podIPs` the same; `podIP` wins, for old writers know only that."""
    status = pod.get("status")
    if not status:
        return
    single, several = status.get("podIP"), status.get("podIPs")
    if single and (not several or several[0].get("ip") != single):
        status["podIPs"] = [{"ip": single}]
    elif several and several[0].get("ip"):
        status["podIP"] = several[0]["ip"]


def validate_status_change(pod: JSON, old: JSON) -> Errors:
    """List what is wrong with a changed status."""
    errors: Errors = []
    status: JSON = pod.get("status") or {}
    before: JSON = old.get("status") or {}
    spec: JSON = old.get("spec") or {}
    new_notes, old_notes = pod["metadata"].get("annotations"), old["metadata"].get("annotations")
    annotation_rules.validate_change(errors, "metadata.annotations", new_notes, old_notes)
    annotation_rules.validate(errors, "metadata.annotations", new_notes, pod.get("spec") or {})
    _validate_conditions(errors, status.get("conditions") or ())
    _validate_nomination(errors, status, before, spec)
    if (status.get("observedGeneration") or 0) < 0:
        where = "status.observedGeneration"
        errors.append(field_errors.invalid(where, status["observedGeneration"], _NOT_NEGATIVE))
    if (status.get("qosClass") or "") != (before.get("qosClass") or ""):
        errors.append(field_errors.invalid("status.qosClass", status.get("qosClass") or "", "field is immutable"))
    _validate_transitions(errors, status, before, spec)
    _validate_claims(errors, status, pod.get("spec") or {})
    _validate_addresses(errors, status, before)
    for kind in _STATUS_LISTS:
        for index, container in enumerate(status.get(kind) or ()):
            _validate_user(errors, f"status.{kind}[{index}].user.linux", (container.get("user") or {}).get("linux"))
    for index, container in enumerate(status.get("ephemeralContainerStatuses") or ()):
        if container.get("allocatedResourcesStatus"):
            where = f"status.ephemeralContainerStatuses[{index}].allocatedResourcesStatus"
            errors.append(field_errors.forbidden(where, "must not be specified in container status"))
    return errors


def _validate_conditions(errors: Errors, conditions: Sequence[JSON]) -> None:
    for index, condition in enumerate(conditions):
        generation = condition.get("observedGeneration") or 0
        if generation < 0:
            where = f"status.conditions[{index}].observedGeneration"
            errors.append(field_errors.invalid(where, generation, _NOT_NEGATIVE))
        kind = condition.get("type") or ""
        if kind not in _SYSTEM_CONDITIONS:
            formats.qualified_name(errors, f"status.conditions[{index}].Type", kind)


def _validate_nomination(errors: Errors, status: JSON, before: JSON, spec: JSON) -> None:
    node = status.get("nominatedNodeName") or ""
    if not node or node == before.get("nominatedNodeName"):
        return
    formats.dns_subdomain(errors, "status.nominatedNodeName", node)
    if spec.get("nodeName"):
        detail = "may not be set on pods that are already bound to a node"
        errors.append(field_errors.forbidden("status.nominatedNodeName", detail))


def _validate_transitions(errors: Errors, status: JSON, before: JSON, spec: JSON) -> None:
    """A terminated container that is not to be restarted stays terminated."""
    regular = {container.get("name"): container for container in spec.get("containers") or ()}
    init = {container.get("name"): container for container in spec.get("initContainers") or ()}
    rules: tuple[tuple[str, Callable[[str, int], bool]], ...] = (
        ("containerStatuses", lambda name, code: _restarts(regular.get(name) or {}, spec, code)),
        ("initContainerStatuses", lambda name, code: _init_restarts(init.get(name) or {}, spec, code)),
        ("ephemeralContainerStatuses", lambda _name, _code: False),
    )
    for kind, may_restart in rules:
        now = {item.get("name"): item for item in status.get(kind) or ()}
        for index, earlier in enumerate(before.get(kind) or ()):
            ended = (earlier.get("state") or {}).get("terminated")
            name = earlier.get("name") or ""
            if ended is None or name not in now or (now[name].get("state") or {}).get("terminated") is not None:
                continue
            if not may_restart(name, ended.get("exitCode") or 0):
                detail = "may not be transitioned to non-terminated state"
                errors.append(field_errors.forbidden(f"status.{kind}[{index}].state", detail))


def _restarts(container: JSON, spec: JSON, code: int) -> bool:
    for rule in container.get("restartPolicyRules") or ():
        codes = rule.get("exitCodes") or {}
        if (code in (codes.get("values") or ())) == (codes.get("operator") == "In"):
            return True
    return _policy_restarts(container.get("restartPolicy") or spec.get("restartPolicy") or "Always", code)


def _init_restarts(container: JSON, spec: JSON, code: int) -> bool:
    if container.get("restartPolicy") == "Always":
        return True
    return _policy_restarts(spec.get("restartPolicy") or "Always", code)


def _policy_restarts(policy: str, code: int) -> bool:
    return policy == "Always" or (policy == "OnFailure" and code != 0)


def _validate_claims(errors: Errors, status: JSON, spec: JSON) -> None:
    known = {claim.get("name") for claim in spec.get("resourceClaims") or ()}
    seen: set[str] = set()
    for index, claim in enumerate(status.get("resourceClaimStatuses") or ()):
        where, name = f"status.resourceClaimStatuses[{index}].name", claim.get("name") or ""
        if name not in known:
            detail = "must match the name of an entry in `spec.resourceClaims`"
            errors.append(field_errors.invalid(where, name, detail))
        if name in seen:
            errors.append(field_errors.duplicate(where, name))
        seen.add(name)
        if claim.get("resourceClaimName") is not None:
            formats.dns_subdomain(errors, where, claim["resourceClaimName"])


def _validate_addresses(errors: Errors, status: JSON, before: JSON) -> None:
    hosts: list[JSON] = status.get("hostIPs") or []
    pods: list[JSON] = status.get("podIPs") or []
    _validate_ips(errors, "status.podIPs", pods, before.get("podIPs") or ())
    if hosts and (status.get("hostIP") or "") != (hosts[0].get("ip") or ""):
        where = "status.hostIPs[0].ip"
        errors.append(field_errors.invalid(where, hosts[0].get("ip") or "", "must be equal to `hostIP`"))
    _validate_ips(errors, "status.hostIPs", hosts, before.get("hostIPs") or ())


def _validate_ips(errors: Errors, path: str, entries: Sequence[JSON], before: Sequence[JSON]) -> None:
    known = {entry.get("ip") or "" for entry in before}
    addresses = [entry.get("ip") or "" for entry in entries]
    for index, address in enumerate(addresses):
        formats.ip_address(errors, f"{path}[{index}]", address, known)
    if len(addresses) > 1 and (len(addresses) > 2 or not formats.is_dual_stack(addresses)):
        text = shown.compact([{"IP": address} for address in addresses])
        errors.append(shown.ShownError("Invalid", path, text, _ONE_PER_FAMILY))


def _validate_user(errors: Errors, path: str, user: JSON | None) -> None:
    if user is None:
        return
    user_or_group(errors, f"{path}.uid", user.get("uid") or 0)
    user_or_group(errors, f"{path}.gid", user.get("gid") or 0)
    for index, group in enumerate(user.get("supplementalGroups") or ()):
        user_or_group(errors, f"{path}.supplementalGroups[{index}]", group)
