"""A container's environment: the image's, the pod's, and the variables that name services.

Precedence, weakest first: image, services, envFrom, env. A variable may use those before it. What cannot be resolved
raises HostError(CreateContainerConfigError), worded as users know it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from podwright.agent.pods.expand import expand
from podwright.agent.pods.fields import FieldError, NodeAmounts, field_value, resource_value
from podwright.agent.pods.ports import HostError, Objects
from podwright.agent.pods.spec import Pod
from podwright.api.quantity import QuantityError

_CONFIG_ERROR = "CreateContainerConfigError"
_NAME = re.compile(r"[ -<>-~]+")  # printable ASCII without "="
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What variables may refer to besides the pod itself."""

    objects: Objects
    services: tuple[Mapping[str, Any], ...]  # of the pod's namespace and the API's own
    ips: tuple[str, ...]
    host_ips: tuple[str, ...]
    node: NodeAmounts


def container_env(pod: Pod, container: Mapping[str, Any], around: Surroundings) -> dict[str, str]:
    """Resolve envFrom, env and service variables of one container."""
    namespace = pod["metadata"].get("namespace", "")
    links = service_env(around.services, namespace, links=pod["spec"].get("enableServiceLinks") is not False)
    found: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        found.update(_env_from(source, namespace, around.objects))
    for variable in container.get("env") or ():
        value = variable.get("value")
        if value:
            found[variable["name"]] = expand(value, found, links)
        elif variable.get("valueFrom"):
            resolved = _value_from(pod, container, variable["valueFrom"], around)
            if resolved is not None:
                found[variable["name"]] = resolved
        else:
            found[variable["name"]] = ""
    return found | {name: value for name, value in links.items() if name not in found}


def merged(image_env: Iterable[str], own: Mapping[str, str], *, hostname: str, tty: bool) -> tuple[str, ...]:
    """Put the final list together, `NAME=value` each."""
    image: dict[str, str] = {}
    for entry in image_env:
        name, _, value = entry.partition("=")
        image[name] = value
    values = {"PATH": image.pop("PATH", DEFAULT_PATH), "HOSTNAME": hostname}
    if tty:
        values["TERM"] = "xterm"
    values |= image | dict(own)
    return tuple(f"{name}={value}" for name, value in values.items())


def _env_from(source: Mapping[str, Any], namespace: str, objects: Objects) -> dict[str, str]:
    for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        ref: Mapping[str, Any] | None = source.get(key)
        if ref is None:
            continue
        found = objects.get(kind, namespace, ref["name"])
        if found is None:
            if ref.get("optional"):
                return {}
            raise HostError(_CONFIG_ERROR, f'{kind.lower()} "{ref["name"]}" not found')
        prefix = source.get("prefix") or ""
        values = {prefix + name: value for name, value in _data(found).items()}
        return {name: value for name, value in values.items() if _NAME.fullmatch(name)}
    return {}


def _data(found: Mapping[str, Any]) -> dict[str, str]:
    data: Mapping[str, str] = found.get("data") or {}
    if found.get("kind") == "Secret":
        return {name: base64.b64decode(value).decode("utf-8", "surrogateescape") for name, value in data.items()}
    return dict(data)


def _value_from(pod: Pod, container: Mapping[str, Any], source: Mapping[str, Any], around: Surroundings) -> str | None:
    try:
        if "fieldRef" in source:
            path = source["fieldRef"]["fieldPath"]
            return field_value(pod, path, ips=around.ips, host_ips=around.host_ips)
        if "resourceFieldRef" in source:
            return resource_value(pod, container, source["resourceFieldRef"], around.node)
    except (FieldError, QuantityError) as e:
        raise HostError(_CONFIG_ERROR, str(e)) from e
    namespace = pod["metadata"].get("namespace", "")
    for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        if key in source:
            return _key_ref(kind, source[key], namespace, around.objects)
    return ""


def _key_ref(kind: str, ref: Mapping[str, Any], namespace: str, objects: Objects) -> str | None:
    found = objects.get(kind, namespace, ref["name"])
    if found is None:
        if ref.get("optional"):
            return None
        raise HostError(_CONFIG_ERROR, f'{kind.lower()} "{ref["name"]}" not found')
    data = _data(found)
    if ref["key"] not in data:
        if ref.get("optional"):
            return None
        raise HostError(_CONFIG_ERROR, f"couldn't find key {ref['key']} in {kind} {namespace}/{ref['name']}")
    return data[ref["key"]]


def service_env(services: Iterable[Mapping[str, Any]], namespace: str, *, links: bool) -> dict[str, str]:
    """Return the variables that name services; without `links` only those of the API itself."""
    found: dict[str, str] = {}
    for service in services:
        meta, spec = service["metadata"], service.get("spec") or {}
        is_api = (meta.get("namespace"), meta["name"]) == ("default", "kubernetes")
        ip = spec.get("clusterIP")
        if not is_api and not (links and meta.get("namespace") == namespace):
            continue
        if ip and ip != "None" and spec.get("ports"):
            found |= _one_service(meta["name"], ip, spec["ports"])
    return found


def _one_service(name: str, ip: str, ports: list[Mapping[str, Any]]) -> dict[str, str]:
    upper = name.upper().replace("-", "_")
    address = f"[{ip}]" if ":" in ip else ip
    found = {f"{upper}_SERVICE_HOST": ip, f"{upper}_SERVICE_PORT": str(ports[0]["port"])}
    for port in ports:
        if port.get("name"):
            found[f"{upper}_SERVICE_PORT_{port['name'].upper().replace('-', '_')}"] = str(port["port"])
    for index, port in enumerate(ports):
        protocol = port.get("protocol") or "TCP"
        url = f"{protocol.lower()}://{address}:{port['port']}"
        prefix = f"{upper}_PORT_{port['port']}_{protocol}"
        if index == 0:
            found[f"{upper}_PORT"] = url
        found |= {
            prefix: url,
            f"{prefix}_PROTO": protocol.lower(),
            f"{prefix}_PORT": str(port["port"]),
            f"{prefix}_ADDR": ip,
        }
    return found
