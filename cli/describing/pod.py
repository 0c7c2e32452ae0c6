"""`pw describe pod`, and the pod template as Deployments and ReplicaSets show it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from podwright.cli.describing.explaining import why_pending
from podwright.cli.describing.page import Page, annotation_rows, events, stamp

JSON = Mapping[str, Any]


def describe(pod: JSON, found: Sequence[JSON], now: dt.datetime) -> str:
    """The page of a pod."""
    page = Page()
    spec, status = pod["spec"], pod.get("status") or {}
    _head(page, pod, pod["metadata"], spec, status)
    _containers(page, "Init Containers", spec.get("initContainers"), status.get("initContainerStatuses"), 0)
    _containers(page, "Containers", spec.get("containers"), status.get("containerStatuses"), 0)
    _containers(
        page, "Ephemeral Containers", spec.get("ephemeralContainers"), status.get("ephemeralContainerStatuses"), 0
    )
    if status.get("conditions"):
        page.line("Conditions:")
        page.line("Type\tStatus", 1)
        for condition in status["conditions"]:
            page.line(f"{condition['type']}\t{condition['status']} ", 1)
    _volumes(page, spec.get("volumes"), 0)
    if status.get("qosClass"):
        page.field("QoS Class", status["qosClass"])
    page.pairs("Node-Selectors", spec.get("nodeSelector"))
    page.rows("Tolerations", sorted(toleration(t) for t in spec.get("tolerations") or ()))
    for line in why_pending(pod, found):
        page.line(line)
    events(page, found, now)
    return page.text()


def _head(page: Page, pod: JSON, metadata: JSON, spec: JSON, status: JSON) -> None:
    page.field("Name", metadata["name"])
    page.field("Namespace", metadata["namespace"])
    page.field("Priority", spec.get("priority", 0))
    if spec.get("priorityClassName"):
        page.field("Priority Class Name", spec["priorityClassName"])
    if spec.get("runtimeClassName"):
        page.field("Runtime Class Name", spec["runtimeClassName"])
    page.field("Service Account", spec.get("serviceAccountName", "<none>"))
    node = spec.get("nodeName")
    page.field("Node", f"{node}/{status.get('hostIP', '')}" if node else "<none>")
    if status.get("startTime"):
        page.field("Start Time", stamp(status["startTime"]))
    page.pairs("Labels", metadata.get("labels"))
    annotation_rows(page, pod)
    if metadata.get("deletionTimestamp"):
        page.field("Status", f"Terminating (ends {stamp(metadata['deletionTimestamp'])})")
        page.field("Termination Grace Period", f"{metadata.get('deletionGracePeriodSeconds', 0)}s")
    else:
        page.field("Status", status.get("phase", "Unknown"))
    for name in ("reason", "message"):
        if status.get(name):
            page.field(name.capitalize(), status[name])
    page.field("IP", status.get("podIP", ""))
    if status.get("podIPs"):
        page.line("IPs:")
        for ip in status["podIPs"]:
            page.field("IP", ip["ip"], 1)
    else:
        page.line("IPs:\t<none>")
    owner = next((o for o in metadata.get("ownerReferences") or () if o.get("controller")), None)
    if owner:
        page.field("Controlled By", f"{owner['kind']}/{owner['name']}")
    if status.get("nominatedNodeName"):
        page.field("NominatedNodeName", status["nominatedNodeName"])


def template_lines(template: JSON, level: int) -> list[str]:
    """A pod template's lines."""
    page = Page(level)
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    page.pairs("Labels", metadata.get("labels"))
    if metadata.get("annotations"):
        page.pairs("Annotations", metadata["annotations"], ": ")
    if spec.get("serviceAccountName"):
        page.field("Service Account", spec["serviceAccountName"])
    _containers(page, "Init Containers", spec.get("initContainers"), None, 0, indent=" ")
    _containers(page, "Containers", spec.get("containers"), None, 0, indent=" ")
    _volumes(page, spec.get("volumes"), 0, indent=" ")
    if spec.get("priorityClassName"):
        page.field("Priority Class Name", spec["priorityClassName"])
    page.pairs("Node-Selectors", spec.get("nodeSelector"))
    page.rows("Tolerations", sorted(toleration(t) for t in spec.get("tolerations") or ()))
    return page.lines


def toleration(value: JSON) -> str:
    """A toleration as text."""
    text = str(value.get("key", ""))
    if value.get("value"):
        text += f"={value['value']}"
    if value.get("effect"):
        text += f":{value['effect']}"
    if value.get("operator") == "Exists":
        text += " op=Exists" if text else "op=Exists"
    if value.get("tolerationSeconds") is not None:
        text += f" for {value['tolerationSeconds']}s"
    return text


def _containers(
    page: Page,
    title: str,
    containers: Sequence[JSON] | None,
    statuses: Sequence[JSON] | None,
    level: int,
    *,
    indent: str = "  ",
) -> None:
    if not containers:
        return
    page.line(f"{title}:", level)
    known = {s["name"]: s for s in statuses or ()}
    for container in containers:
        page.line(f"{indent}{container['name']}:", level)
        _container(page, container, known.get(container["name"]), level + 2)


def _container(page: Page, container: JSON, status: JSON | None, level: int) -> None:
    if status:
        page.field("Container ID", status.get("containerID", ""), level)
    page.field("Image", container.get("image", ""), level)
    if status:
        page.field("Image ID", status.get("imageID", ""), level)
    ports = container.get("ports") or ()
    word = "Ports" if len(ports) > 1 else "Port"
    page.field(word, ", ".join(_port(p, "containerPort") for p in ports) or "<none>", level)
    page.field(f"Host {word}", ", ".join(_port(p, "hostPort") for p in ports) or "<none>", level)
    for name in ("command", "args"):
        if container.get(name):
            page.line(f"{name.capitalize()}:", level)
            for argument in container[name]:
                for text in str(argument).rstrip("\n").split("\n"):
                    page.line(text, level + 1)
    if status:
        _states(page, status, level)
    _resources(page, container.get("resources") or {}, level)
    for name in ("liveness", "readiness", "startup"):
        if container.get(f"{name}Probe"):
            page.field(name.capitalize(), probe(container[f"{name}Probe"]), level)
    _environment(page, container, level)
    _mounts(page, container.get("volumeMounts") or (), level)


def _states(page: Page, status: JSON, level: int) -> None:
    _state(page, "State", status.get("state") or {}, level)
    if status.get("lastState"):
        _state(page, "Last State", status["lastState"], level)
    page.field("Ready", status.get("ready", False), level)
    page.field("Restart Count", status.get("restartCount", 0), level)


def _resources(page: Page, resources: JSON, level: int) -> None:
    for name in ("limits", "requests"):
        if resources.get(name):
            page.line(f"{name.capitalize()}:", level)
            for key, value in sorted(resources[name].items()):
                page.field(key, value, level + 1)


def _environment(page: Page, container: JSON, level: int) -> None:
    if container.get("envFrom"):
        page.line("Environment Variables from:", level)
        for source in container["envFrom"]:
            kind, key = ("ConfigMap", "configMapRef") if "configMapRef" in source else ("Secret", "secretRef")
            ref: JSON = source.get(key) or {}
            page.line(f"{ref.get('name', '')}\t{kind}\tOptional: {str(bool(ref.get('optional'))).lower()}", level + 1)
    if container.get("env"):
        page.line("Environment:", level)
        for variable in container["env"]:
            page.line(f"{variable['name']}:\t{_value(variable)}", level + 1)
    else:
        page.field("Environment", "<none>", level)


def _mounts(page: Page, mounts: Sequence[JSON], level: int) -> None:
    if not mounts:
        page.field("Mounts", "<none>", level)
        return
    page.line("Mounts:", level)
    for mount in sorted(mounts, key=lambda m: m["mountPath"]):
        flags = "ro" if mount.get("readOnly") else "rw"
        path = f',path="{mount["subPath"]}"' if mount.get("subPath") else ""
        page.line(f"{mount['mountPath']} from {mount['name']} ({flags}{path})", level + 1)


def _port(port: JSON, key: str) -> str:
    name = f" ({port['name']})" if port.get("name") else ""
    return f"{port.get(key, 0)}/{port.get('protocol', 'TCP')}{name}"


def _state(page: Page, name: str, state: JSON, level: int) -> None:
    if "running" in state:
        page.field(name, "Running", level)
        page.field("Started", stamp(state["running"].get("startedAt")), level + 1)
    elif "terminated" in state:
        ended = state["terminated"]
        page.field(name, "Terminated", level)
        if ended.get("reason"):
            page.field("Reason", ended["reason"], level + 1)
        if ended.get("message"):
            page.field("Message", ended["message"], level + 1)
        page.field("Exit Code", ended.get("exitCode", 0), level + 1)
        if ended.get("signal"):
            page.field("Signal", ended["signal"], level + 1)
        page.field("Started", stamp(ended.get("startedAt")), level + 1)
        page.field("Finished", stamp(ended.get("finishedAt")), level + 1)
    else:
        page.field(name, "Waiting", level)
        if (state.get("waiting") or {}).get("reason"):
            page.field("Reason", state["waiting"]["reason"], level + 1)


def _value(variable: JSON) -> str:
    source = variable.get("valueFrom")
    if not source:
        return str(variable.get("value", ""))
    if "fieldRef" in source:
        ref = source["fieldRef"]
        return f" ({ref.get('apiVersion', 'v1')}:{ref['fieldPath']})"
    if "resourceFieldRef" in source:
        ref = source["resourceFieldRef"]
        return f"(resource {ref['resource']})"
    kind, ref = (
        ("config map", source.get("configMapKeyRef"))
        if "configMapKeyRef" in source
        else ("secret", source.get("secretKeyRef"))
    )
    ref = ref or {}
    word = "of" if kind == "config map" else "in"
    optional = str(bool(ref.get("optional"))).lower()
    return f"<set to the key '{ref.get('key')}' {word} {kind} '{ref.get('name')}'>\tOptional: {optional}"


def probe(value: JSON) -> str:
    """A probe in one line."""
    if "exec" in value:
        how = f"exec {' '.join(value['exec'].get('command') or ()).join('[]')}"
    elif "httpGet" in value:
        get = value["httpGet"]
        how = (
            f"http-get {get.get('scheme', 'HTTP').lower()}://{get.get('host', '')}:{get['port']}{get.get('path', '/')}"
        )
    elif "tcpSocket" in value:
        how = f"tcp-socket {value['tcpSocket'].get('host', '')}:{value['tcpSocket']['port']}"
    elif "grpc" in value:
        how = f"grpc <pod>:{value['grpc']['port']} {value['grpc'].get('service') or ''}".rstrip()
    else:
        how = "unknown"
    return (
        f"{how} delay={value.get('initialDelaySeconds', 0)}s timeout={value.get('timeoutSeconds', 1)}s "
        f"period={value.get('periodSeconds', 10)}s #success={value.get('successThreshold', 1)} "
        f"#failure={value.get('failureThreshold', 3)}"
    )


_TYPES: Mapping[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    # volume source -> what it is, and (title, field, when unset)
    "hostPath": ("HostPath (bare host directory volume)", (("Path", "path", ""), ("HostPathType", "type", ""))),
    "emptyDir": (
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        (("Medium", "medium", ""), ("SizeLimit", "sizeLimit", "<unset>")),
    ),
    "secret": (
        "Secret (a volume populated by a Secret)",
        (("SecretName", "secretName", ""), ("Optional", "optional", "false")),
    ),
    "configMap": (
        "ConfigMap (a volume populated by a ConfigMap)",
        (("Name", "name", ""), ("Optional", "optional", "false")),
    ),
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        (("ClaimName", "claimName", ""), ("ReadOnly", "readOnly", "false")),
    ),
    "image": (
        "Image (a container image or OCI artifact)",
        (("Reference", "reference", ""), ("PullPolicy", "pullPolicy", "")),
    ),
}


def _volumes(page: Page, volumes: Sequence[JSON] | None, level: int, *, indent: str = "  ") -> None:
    if not volumes:
        page.field("Volumes", "<none>", level)
        return
    page.line("Volumes:", level)
    for volume in volumes:
        page.line(f"{indent}{volume['name']}:", level)
        kind = next((k for k in volume if k != "name"), "emptyDir")
        source: JSON = volume.get(kind) or {}
        if kind == "projected":
            _projected(page, source, level + 2)
        elif kind == "downwardAPI":
            page.field("Type", "DownwardAPI (a volume populated by information about the pod)", level + 2)
            page.line("Items:", level + 2)
            for item in source.get("items") or ():
                ref = item.get("fieldRef") or item.get("resourceFieldRef") or {}
                page.line(f"{ref.get('fieldPath') or ref.get('resource')} -> {item['path']}", level + 3)
        else:
            what, fields = _TYPES.get(kind, (kind, ()))
            page.field("Type", what, level + 2)
            for title, key, unset in fields:
                value = source.get(key, unset)
                page.field(title, str(value).lower() if isinstance(value, bool) else value, level + 2)


def _projected(page: Page, source: JSON, level: int) -> None:
    page.field("Type", "Projected (a volume that contains injected data from multiple sources)", level)
    for part in source.get("sources") or ():
        if "serviceAccountToken" in part:
            page.field("TokenExpirationSeconds", part["serviceAccountToken"].get("expirationSeconds", 3600), level)
        elif "downwardAPI" in part:
            page.field("DownwardAPI", "true", level)
        else:
            title, key = ("ConfigMapName", "configMap") if "configMap" in part else ("SecretName", "secret")
            ref = part.get(key) or {}
            page.field(title, ref.get("name", ""), level)
            page.field("Optional", str(bool(ref.get("optional"))).lower(), level)
