"""Defaults of pods and pod templates, as clients of the v1 API see them filled in.

Every function fills a JSON dict in place and is idempotent: a second run changes nothing. What admission adds
(tolerations, tokens, priority) is not here.
"""

from __future__ import annotations

from typing import Any

from podwright.apiserver.strategies.pod.images import default_pull_policy
from podwright.apiserver.strategies.pod.references import default_field_ref, default_resource_ref
from podwright.apiserver.strategies.pod.volume_defaults import default_volume
from podwright.apiserver.strategies.quantities import copy_missing, default_resource_list

JSON = dict[str, Any]

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE_DEFAULTS = (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3))
_CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
_STATUS_LISTS = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


def default_pod(pod: JSON) -> None:
    """Fill in the defaults of a Pod."""
    spec: JSON = pod.get("spec") or {}
    pod["spec"] = spec
    default_pod_spec(spec)
    # A request that only has a limit takes the limit; in pods only, never in templates.
    for kind in ("containers", "initContainers"):
        for container in spec.get(kind) or ():
            _requests_from_limits(container)
    if spec.get("resources"):
        from podwright.apiserver.strategies.pod.pod_resources import default_pod_resources

        default_pod_resources(spec)
    if spec.get("enableServiceLinks") is None:
        spec["enableServiceLinks"] = True
    if spec.get("hostNetwork"):
        for kind in ("containers", "initContainers"):
            for container in spec.get(kind) or ():
                for port in container.get("ports") or ():
                    if not port.get("hostPort") and port.get("containerPort"):
                        port["hostPort"] = port["containerPort"]
    default_status(pod)


def default_template(owner: JSON) -> None:
    """Fill in the defaults of the pod template at `owner["template"]`."""
    template: JSON = owner.get("template") or {}
    owner["template"] = template
    if template.get("metadata") is None:
        template["metadata"] = {}
    spec: JSON = template.get("spec") or {}
    template["spec"] = spec
    default_pod_spec(spec)


def default_pod_spec(spec: JSON) -> None:
    """Fill in what pods and templates have in common."""
    if not spec.get("dnsPolicy"):
        spec["dnsPolicy"] = "ClusterFirst"
    if not spec.get("restartPolicy"):
        spec["restartPolicy"] = "Always"
    if spec.get("securityContext") is None:
        spec["securityContext"] = {}
    if spec.get("terminationGracePeriodSeconds") is None:
        spec["terminationGracePeriodSeconds"] = 30
    if not spec.get("schedulerName"):
        spec["schedulerName"] = "default-scheduler"
    _sync_service_account(spec)
    for volume in spec.get("volumes") or ():
        default_volume(volume)
    for kind in _CONTAINER_LISTS:
        for container in spec.get(kind) or ():
            _default_container(container)
    overhead = spec.get("overhead")
    if overhead:
        default_resource_list(overhead)
    resources = spec.get("resources")
    if resources:
        default_resource_list(resources.get("limits"))
        default_resource_list(resources.get("requests"))


def _sync_service_account(spec: JSON) -> None:
    """Keep the deprecated spelling `serviceAccount` equal to `serviceAccountName`, which wins."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = name
        spec["serviceAccount"] = name


def _default_container(container: JSON) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = default_pull_policy(container.get("image") or "")
    if not container.get("terminationMessagePath"):
        container["terminationMessagePath"] = "/dev/termination-log"
    if not container.get("terminationMessagePolicy"):
        container["terminationMessagePolicy"] = "File"
    for port in container.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for variable in container.get("env") or ():
        source = variable.get("valueFrom")
        if source:
            _default_env_source(source)
    resources = container.get("resources")
    if resources is None:
        container["resources"] = {}
    elif resources:
        default_resource_list(resources.get("limits"))
        default_resource_list(resources.get("requests"))
    for name in _PROBES:
        probe = container.get(name)
        if probe is not None:
            _default_probe(probe)
    lifecycle = container.get("lifecycle")
    if lifecycle:
        for name in ("postStart", "preStop"):
            hook = lifecycle.get(name)
            if hook and hook.get("httpGet") is not None:
                _default_http_get(hook["httpGet"])


def _default_env_source(source: JSON) -> None:
    field = source.get("fieldRef")
    if field is not None:
        default_field_ref(field)
    resource = source.get("resourceFieldRef")
    if resource is not None:
        default_resource_ref(resource)
    file = source.get("fileKeyRef")
    if file is not None and file.get("optional") is None:
        file["optional"] = False


def _default_probe(probe: JSON) -> None:
    for name, value in _PROBE_DEFAULTS:
        if not probe.get(name):
            probe[name] = value
    http = probe.get("httpGet")
    if http is not None:
        _default_http_get(http)
    grpc = probe.get("grpc")
    if grpc is not None and grpc.get("service") is None:
        grpc["service"] = ""


def _default_http_get(action: JSON) -> None:
    if not action.get("path"):
        action["path"] = "/"
    if not action.get("scheme"):
        action["scheme"] = "HTTP"


def _requests_from_limits(container: JSON) -> None:
    resources = container.get("resources")
    limits = resources.get("limits") if resources else None
    if resources and limits:
        requests: JSON = resources.get("requests") or {}
        copy_missing(limits, requests)
        resources["requests"] = requests


def default_status(pod: JSON) -> None:
    """Fill in the defaults of a Pod's status."""
    status: JSON = pod.get("status") or {}
    for kind in _STATUS_LISTS:
        for container in status.get(kind) or ():
            default_resource_list(container.get("allocatedResources"))
            resources = container.get("resources")
            if resources:
                default_resource_list(resources.get("limits"))
                default_resource_list(resources.get("requests"))
