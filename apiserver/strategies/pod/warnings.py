"""What is allowed in a pod or template but probably not meant: texts for the Warning header.

Warnings never refuse anything; they are worded with the field's path as the user wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from podwright.api import names
from podwright.api.quoting import quote
from podwright.apiserver.strategies import formats
from podwright.apiserver.strategies.pod import annotation_rules
from podwright.apiserver.strategies.pod.overlaps import overlapping_paths
from podwright.apiserver.strategies.pod.windows import containers
from podwright.apiserver.strategies.quantities import milli_of

JSON = dict[str, Any]

NODE_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
"""Node labels that have been replaced, and by what."""

_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": 'use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": 'use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'use the "sysctls" field instead',
}
_ANNOTATION_SINCE = {"scheduler.alpha.kubernetes.io/critical-pod": "v1.16"}
VOLUMES = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_VOLUME_SHOWN_AS = {"storageos": "storageOS"}
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_NO_SELECTOR = "a null labelSelector results in matching no pod"
_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
_APP_ARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'


def name_warnings(metadata: JSON) -> list[str]:
    """Return the warning of a pod whose name makes a bad host name."""
    name = metadata.get("name") or ""
    problems = formats.label_problems(name) if name else []
    if not problems:
        return []
    text = (
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is"
        f" recommended: [{' '.join(problems)}]"
    )
    return [text]


def spec_warnings(pod: JSON) -> list[str]:
    """Return the warnings of the spec and annotations of a pod that is being created."""
    return _warnings("", pod.get("spec") or {}, pod["metadata"].get("annotations") or {}, template=False)


def template_warnings(path: str, template: JSON) -> list[str]:
    """Return the warnings of a pod template at `path`."""
    notes = (template.get("metadata") or {}).get("annotations")
    return _warnings(f"{path}.", template.get("spec") or {}, notes or {}, template=True)


def claim_spec_warnings(path: str, spec: JSON) -> list[str]:
    """Return the warnings of a claim that asks for parts of bytes."""
    resources: JSON = spec.get("resources") or {}
    return [
        text
        for kind in ("requests", "limits")
        for text in _fractional(f"{path}.resources.{kind}", resources.get(kind) or {}, ("storage",))
    ]


def workload_name_warnings(metadata: JSON) -> list[str]:
    """Return the warning of a workload whose name cannot become part of host names."""
    name = metadata.get("name") or ""
    problems = formats.label_problems(name) if name else []
    if not problems:
        return []
    text = (
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label"
        f" is recommended: [{' '.join(problems)}]"
    )
    return [text]


def _warnings(prefix: str, spec: JSON, notes: JSON, *, template: bool) -> list[str]:
    path = f"{prefix}spec"
    everything = list(containers(path, spec))
    found = [
        *_placement(path, spec),
        *(
            f"{prefix}metadata.annotations[{key}]: non-functional in {_ANNOTATION_SINCE.get(key, 'v1.11')}+; {text}"
            for key, text in _ANNOTATIONS.items()
            if key in notes
        ),
        *_volumes(path, spec),
        *_repeated(path, spec),
        *_fractional(f"{path}.overhead", spec.get("overhead") or {}),
    ]
    context: JSON = spec.get("securityContext") or {}
    if annotation_rules.SECCOMP_POD in notes and context.get("seccompProfile") is None:
        found.append(f"{prefix}metadata.annotations[{annotation_rules.SECCOMP_POD}]: {_SECCOMP}")
    for where, container in everything:
        found += _container(prefix, where, container, notes, context, template=template)
    found += _ports(everything)
    found += _port_names(everything)
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        where = f"{path}.terminationGracePeriodSeconds"
        found.append(f"{where}: must be >= 0; negative values are invalid and will be treated as 1")
    for kind in ("podAffinity", "podAntiAffinity"):
        found += _pod_terms(f"{path}.affinity.{kind}", (spec.get("affinity") or {}).get(kind) or {})
    return found


def profile_warnings(pod: JSON) -> list[str]:
    """Return the warnings of old AppArmor annotations of a pod that is being created."""
    notes: JSON = pod["metadata"].get("annotations") or {}
    spec: JSON = pod.get("spec") or {}
    found: list[str] = []
    whole = (spec.get("securityContext") or {}).get("appArmorProfile")
    for _, container in containers("spec", spec):
        key = f"{annotation_rules.APP_ARMOR}{container.get('name') or ''}"
        said = notes.get(key)
        if said is None:
            continue
        meant = annotation_rules.app_armor_field(said)
        if meant is None or meant != whole:
            found.append(f"metadata.annotations[{key}]: {_APP_ARMOR}")
    return found


def _placement(path: str, spec: JSON) -> Iterable[str]:
    for key in spec.get("nodeSelector") or ():
        if key in NODE_LABELS:
            yield f"{path}.nodeSelector[{key}]: {NODE_LABELS[key]}"
    node: JSON = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    where = f"{path}.affinity.nodeAffinity"
    for index, term in enumerate((node.get(_REQUIRED) or {}).get("nodeSelectorTerms") or ()):
        yield from node_term_warnings(f"{where}.{_REQUIRED}.nodeSelectorTerms[{index}]", term, values=False)
    for index, term in enumerate(node.get(_PREFERRED) or ()):
        preference = term.get("preference") or {}
        yield from node_term_warnings(f"{where}.{_PREFERRED}[{index}].preference", preference, values=True)
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        where = f"{path}.topologySpreadConstraints[{index}]"
        key = constraint.get("topologyKey") or ""
        if key in NODE_LABELS:
            yield f"{where}.topologyKey: {key} is {NODE_LABELS[key]}"
        if constraint.get("labelSelector") is None:
            yield f"{where}.labelSelector: {_NO_SELECTOR}"


def node_term_warnings(path: str, term: JSON, *, values: bool) -> Iterable[str]:
    """Warn of labels that have been replaced, and (with `values`) of values that no label has."""
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        where, key = f"{path}.matchExpressions[{index}]", expression.get("key") or ""
        if key in NODE_LABELS:
            yield f"{where}.key: {key} is {NODE_LABELS[key]}"
        if values:
            for position, value in enumerate(expression.get("values") or ()):
                for problem in names.label_value(value):
                    yield f"{where}.values[{position}]: {value} is invalid, {problem}"


def _pod_terms(path: str, affinity: JSON) -> Iterable[str]:
    for index, term in enumerate(affinity.get(_REQUIRED) or ()):
        if term.get("labelSelector") is None:
            yield f"{path}.{_REQUIRED}[{index}].labelSelector: {_NO_SELECTOR}"
    for index, weighted in enumerate(affinity.get(_PREFERRED) or ()):
        if (weighted.get("podAffinityTerm") or {}).get("labelSelector") is None:
            yield f"{path}.{_PREFERRED}[{index}].podAffinityTerm.labelSelector: {_NO_SELECTOR}"


def _volumes(path: str, spec: JSON) -> Iterable[str]:
    volumes: Sequence[JSON] = spec.get("volumes") or ()
    for index, volume in enumerate(volumes):
        for kind, text in VOLUMES.items():
            if volume.get(kind) is not None:
                yield f"{path}.volumes[{index}].{_VOLUME_SHOWN_AS.get(kind, kind)}: {text}"
        claim = ((volume.get("ephemeral") or {}).get("volumeClaimTemplate") or {}).get("spec") or {}
        yield from claim_spec_warnings(f"{path}.volumes[{index}].ephemeral.volumeClaimTemplate.spec", claim)
    yield from overlapping_paths(volumes)


def _repeated(path: str, spec: JSON) -> Iterable[str]:
    seen: set[str] = set()
    for index, alias in enumerate(spec.get("hostAliases") or ()):
        address = alias.get("ip") or ""
        if address in seen:
            yield f"{path}.hostAliases[{index}].ip: duplicate ip {quote(address)}"
        seen.add(address)
    secrets: Sequence[JSON] = spec.get("imagePullSecrets") or ()
    seen = set()
    for index, secret in enumerate(secrets):
        name = secret.get("name") or ""
        if name in seen:
            yield f"{path}.imagePullSecrets[{index}].name: duplicate name {quote(name)}"
        seen.add(name)
    for index, secret in enumerate(secrets):
        if not secret.get("name"):
            yield f'{path}.imagePullSecrets[{index}].name: invalid empty name ""'


def _fractional(path: str, amounts: JSON, kinds: Sequence[str] = ("memory", "ephemeral-storage")) -> Iterable[str]:
    for name in kinds:
        amount = amounts.get(name)
        if amount is not None and milli_of(amount) % 1000:
            yield f'{path}[{name}]: fractional byte value "{amount}" is invalid, must be an integer'


def _container(
    prefix: str, path: str, container: JSON, notes: JSON, pod_context: JSON, *, template: bool
) -> Iterable[str]:
    context: JSON = container.get("securityContext") or {}
    name = container.get("name") or ""
    key = f"{annotation_rules.SECCOMP_CONTAINER}{name}"
    if key in notes and context.get("seccompProfile") is None:
        yield f"{prefix}metadata.annotations[{key}]: {_SECCOMP}"
    key = f"{annotation_rules.APP_ARMOR}{name}"
    if template and key in notes and context.get("appArmorProfile") is None:
        whole = pod_context.get("appArmorProfile")
        if whole is None or whole != annotation_rules.app_armor_field(notes[key]):
            yield f"{prefix}metadata.annotations[{key}]: {_APP_ARMOR}"
    resources: JSON = container.get("resources") or {}
    for amount in ("memory", "ephemeral-storage"):
        for kind in ("limits", "requests"):
            yield from _fractional(f"{path}.resources.{kind}", resources.get(kind) or {}, (amount,))
    yield from _hidden_variables(path, container.get("env") or ())


def _hidden_variables(path: str, variables: Sequence[JSON]) -> Iterable[str]:
    if len(variables) < 2:
        return
    seen: set[str] = set()
    for index, variable in enumerate(variables):
        name, value = variable.get("name") or "", variable.get("value") or ""
        if name in seen:
            reference = f"$({name})"
            if variable.get("valueFrom") is not None or value == reference or reference not in value:
                hidden = f"hides previous definition of {quote(name)}, which may be dropped when using apply"
                yield f"{path}.env[{index}]: {hidden}"
        seen.add(name)


def _ports(everything: Iterable[tuple[str, JSON]]) -> Iterable[str]:
    known: dict[tuple[int, str], list[tuple[str, JSON]]] = {}
    for path, container in everything:
        for index, port in enumerate(container.get("ports") or ()):
            where = f"{path}.ports[{index}]"
            if port.get("hostIP") and not port.get("hostPort"):
                yield f"{where}: hostIP set without hostPort: {_shown_port(port)}"
            others = known.setdefault((port.get("containerPort") or 0, port.get("protocol") or ""), [])
            for other_where, other in others:
                how = _clash(port, other)
                if how:
                    yield f"{where}: {how} port definition with {other_where}"
            others.append((where, port))


def _clash(port: JSON, other: JSON) -> str:
    host, other_host = port.get("hostPort") or 0, other.get("hostPort") or 0
    address, other_address = port.get("hostIP") or "", other.get("hostIP") or ""
    if address == other_address and host == other_host:
        return "duplicate"
    if not host or not other_host:
        return "overlapping"
    if host == other_host and (not address) != (not other_address):
        return "dangerously ambiguous"
    return ""


def _shown_port(port: JSON) -> str:
    return (
        f"{{Name:{port.get('name') or ''} HostPort:{port.get('hostPort') or 0}"
        f" ContainerPort:{port.get('containerPort') or 0} Protocol:{port.get('protocol') or ''}"
        f" HostIP:{port.get('hostIP') or ''}}}"
    )


def _port_names(everything: Iterable[tuple[str, JSON]]) -> Iterable[str]:
    seen: dict[str, str] = {}
    for path, container in everything:
        for index, port in enumerate(container.get("ports") or ()):
            name, where = port.get("name"), f"{path}.ports[{index}]"
            if not name:
                continue
            if name in seen:
                first = seen[name]
                yield (
                    f"{where}: duplicate port name {quote(name)} with {first}, services and probes that select ports by"
                    f" name will use {first}"
                )
            else:
                seen[name] = where
