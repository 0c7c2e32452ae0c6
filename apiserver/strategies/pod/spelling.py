"""A pod spec written out field by field, absent ones too, as clients know it from messages that show a difference.

That form is not the v1 one: names start with capitals, some fields sit elsewhere and in another order, and what is
absent shows as null, "", 0 or false. Only messages of refused updates need it, so it is made on demand. It must never
be used for anything but showing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

JSON = dict[str, Any]

# Fields in the order in which they are shown. What follows a name tells what an absent one looks like:
#   (nothing) ""    # 0    ! false    ? null    % null, and a map whose keys are sorted
#   ?T null, else a T    *T null, else a list of T    .T a T without any field    @T (no name) the fields of T
_CONTAINER = (
    "Name Image Command? Args? WorkingDir Ports*ContainerPort EnvFrom*EnvFromSource Env*EnvVar"
    " Resources.ResourceRequirements ResizePolicy*ContainerResizePolicy RestartPolicy?"
    " RestartPolicyRules*ContainerRestartRule VolumeMounts*VolumeMount VolumeDevices*VolumeDevice LivenessProbe?Probe"
    " ReadinessProbe?Probe StartupProbe?Probe Lifecycle?Lifecycle TerminationMessagePath TerminationMessagePolicy"
    " ImagePullPolicy SecurityContext?SecurityContext Stdin! StdinOnce! TTY!"
)
_TYPES: dict[str, str] = {
    "PodSpec": "Volumes*Volume InitContainers*Container Containers*Container EphemeralContainers*EphemeralContainer"
    " RestartPolicy TerminationGracePeriodSeconds? ActiveDeadlineSeconds? DNSPolicy NodeSelector% ServiceAccountName"
    " AutomountServiceAccountToken? NodeName SecurityContext?PodSecurityContext ImagePullSecrets*LocalObjectReference"
    " Hostname Subdomain SetHostnameAsFQDN? Affinity?Affinity SchedulerName Tolerations*Toleration"
    " HostAliases*HostAlias PriorityClassName Priority? PreemptionPolicy? DNSConfig?PodDNSConfig"
    " ReadinessGates*PodReadinessGate RuntimeClassName? Overhead% EnableServiceLinks?"
    " TopologySpreadConstraints*TopologySpreadConstraint OS?PodOS SchedulingGates*LocalObjectReference"
    " ResourceClaims*PodResourceClaim Resources?ResourceRequirements HostnameOverride? SchedulingGroup?",
    "Container": _CONTAINER,
    "EphemeralContainer": _CONTAINER + " TargetContainerName",
    "LocalObjectReference": "Name",
    "ContainerPort": "Name HostPort# ContainerPort# Protocol HostIP",
    "EnvFromSource": "Prefix ConfigMapRef?NamedOptional SecretRef?NamedOptional",
    "NamedOptional": "Name Optional?",
    "EnvVar": "Name Value ValueFrom?EnvVarSource",
    "EnvVarSource": "FieldRef?FieldRef ResourceFieldRef?ResourceFieldRef ConfigMapKeyRef?KeyRef SecretKeyRef?KeyRef"
    " FileKeyRef?FileKeyRef",
    "FieldRef": "APIVersion FieldPath",
    "ResourceFieldRef": "ContainerName Resource Divisor",
    "KeyRef": "Name Key Optional?",
    "FileKeyRef": "VolumeName Path Key Optional?",
    "ResourceRequirements": "Limits% Requests% Claims*ResourceClaim",
    "ResourceClaim": "Name Request",
    "ContainerResizePolicy": "ResourceName RestartPolicy",
    "ContainerRestartRule": "Action ExitCodes?ExitCodes",
    "ExitCodes": "Operator Values?",
    "VolumeMount": "Name ReadOnly! RecursiveReadOnly? MountPath SubPath MountPropagation? SubPathExpr",
    "VolumeDevice": "Name DevicePath",
    "Probe": "Exec?Exec HTTPGet?HTTPGet TCPSocket?TCPSocket GRPC?GRPC InitialDelaySeconds# TimeoutSeconds#"
    " PeriodSeconds# SuccessThreshold# FailureThreshold# TerminationGracePeriodSeconds?",
    "Lifecycle": "PostStart?LifecycleHandler PreStop?LifecycleHandler StopSignal?",
    "LifecycleHandler": "Exec?Exec HTTPGet?HTTPGet TCPSocket?TCPSocket Sleep?Sleep",
    "Exec": "Command?",
    "HTTPGet": "Path Port# Host Scheme HTTPHeaders*NameValue",
    "TCPSocket": "Port# Host",
    "GRPC": "Port# Service?",
    "Sleep": "Seconds#",
    "NameValue": "Name Value",
    "SecurityContext": "Capabilities?Capabilities Privileged? SELinuxOptions?SELinuxOptions"
    " WindowsOptions?WindowsOptions RunAsUser? RunAsGroup? RunAsNonRoot? ReadOnlyRootFilesystem?"
    " AllowPrivilegeEscalation? ProcMount? SeccompProfile?Profile AppArmorProfile?Profile",
    "Capabilities": "Add? Drop?",
    "SELinuxOptions": "User Role Type Level",
    "WindowsOptions": "GMSACredentialSpecName? GMSACredentialSpec? RunAsUserName? HostProcess?",
    "Profile": "Type LocalhostProfile?",
    "PodSecurityContext": "HostNetwork! HostPID! HostIPC! ShareProcessNamespace? HostUsers?"
    " SELinuxOptions?SELinuxOptions WindowsOptions?WindowsOptions RunAsUser? RunAsGroup? RunAsNonRoot?"
    " SupplementalGroups? SupplementalGroupsPolicy? FSGroup? FSGroupChangePolicy? Sysctls*NameValue"
    " SeccompProfile?Profile AppArmorProfile?Profile SELinuxChangePolicy?",
    "Affinity": "NodeAffinity?NodeAffinity PodAffinity?PodAffinity PodAntiAffinity?PodAffinity",
    "NodeAffinity": "RequiredDuringSchedulingIgnoredDuringExecution?NodeSelector"
    " PreferredDuringSchedulingIgnoredDuringExecution*PreferredSchedulingTerm",
    "NodeSelector": "NodeSelectorTerms*NodeSelectorTerm",
    "NodeSelectorTerm": "MatchExpressions*NodeSelectorRequirement MatchFields*NodeSelectorRequirement",
    "NodeSelectorRequirement": "Key Operator Values?",
    "PreferredSchedulingTerm": "Weight# Preference.NodeSelectorTerm",
    "PodAffinity": "RequiredDuringSchedulingIgnoredDuringExecution*PodAffinityTerm"
    " PreferredDuringSchedulingIgnoredDuringExecution*WeightedPodAffinityTerm",
    "PodAffinityTerm": "LabelSelector? Namespaces? TopologyKey NamespaceSelector? MatchLabelKeys? MismatchLabelKeys?",
    "WeightedPodAffinityTerm": "Weight# PodAffinityTerm.PodAffinityTerm",
    "Toleration": "Key Operator Value Effect TolerationSeconds?",
    "HostAlias": "IP Hostnames?",
    "PodDNSConfig": "Nameservers? Searches? Options*PodDNSConfigOption",
    "PodDNSConfigOption": "Name Value?",
    "PodReadinessGate": "ConditionType",
    "TopologySpreadConstraint": "MaxSkew# TopologyKey WhenUnsatisfiable LabelSelector? MinDomains? NodeAffinityPolicy?"
    " NodeTaintsPolicy? MatchLabelKeys?",
    "PodOS": "Name",
    "PodResourceClaim": "Name ResourceClaimName? ResourceClaimTemplateName?",
    "Volume": "Name HostPath?HostPath EmptyDir?EmptyDir GCEPersistentDisk?Any AWSElasticBlockStore?Any"
    " GitRepo?GitRepo Secret?SecretVolume NFS?NFS ISCSI?Any Glusterfs?Any PersistentVolumeClaim?PersistentVolumeClaim"
    " RBD?Any Quobyte?Any FlexVolume?Any Cinder?Any CephFS?Any Flocker?Any DownwardAPI?DownwardAPI FC?Any"
    " AzureFile?Any ConfigMap?NamedItems VsphereVolume?Any AzureDisk?Any PhotonPersistentDisk?Any Projected?Projected"
    " PortworxVolume?Any ScaleIO?Any StorageOS?Any CSI?CSI Ephemeral?Any Image?Image",
    "HostPath": "Path Type?",
    "EmptyDir": "Medium SizeLimit?",
    "GitRepo": "Repository Revision Directory",
    "SecretVolume": "SecretName Items*KeyToPath DefaultMode? Optional?",
    "NFS": "Server Path ReadOnly!",
    "PersistentVolumeClaim": "ClaimName ReadOnly!",
    "DownwardAPI": "Items*DownwardAPIFile DefaultMode?",
    "NamedItems": "Name Items*KeyToPath DefaultMode? Optional?",
    "KeyToPath": "Key Path Mode?",
    "DownwardAPIFile": "Path FieldRef?FieldRef ResourceFieldRef?ResourceFieldRef Mode?",
    "Projected": "Sources*VolumeProjection DefaultMode?",
    "VolumeProjection": "Secret?ProjectedItems DownwardAPI?ProjectedDownwardAPI ConfigMap?ProjectedItems"
    " ServiceAccountToken?ServiceAccountToken ClusterTrustBundle?ClusterTrustBundle PodCertificate?PodCertificate",
    "ProjectedItems": "Name Items*KeyToPath Optional?",
    "ProjectedDownwardAPI": "Items*DownwardAPIFile",
    "ServiceAccountToken": "Audience ExpirationSeconds# Path",
    "ClusterTrustBundle": "Name? SignerName? LabelSelector? Optional? Path",
    "PodCertificate": "SignerName KeyType MaxExpirationSeconds? CredentialBundlePath KeyPath CertificateChainPath"
    " UserAnnotations%",
    "CSI": "Driver ReadOnly? FSType? VolumeAttributes% NodePublishSecretRef?LocalObjectReference",
    "Image": "Reference PullPolicy",
}
_ABSENT: dict[str, Any] = {"": "", "#": 0, "!": False, "?": None, "%": None, "*": None}
_IRREGULAR = {"CephFS": "cephfs", "StorageOS": "storageos"}
_FIELD = re.compile(r"(\w+)([#!?%*.]?)(\w*)")
_CAPITALS = re.compile(r"^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]")
_HOST_FIELDS = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")


def spelled_spec(spec: JSON) -> JSON:
    """Return a v1 pod spec in the form in which it is shown."""
    host = {name: spec[name] for name in _HOST_FIELDS if name in spec}
    return _spell("PodSpec", {**spec, "securityContext": {**(spec.get("securityContext") or {}), **host}})


def spelled_template(template: JSON) -> JSON:
    """Return a v1 pod template in the form in which it is shown: what its metadata says, and beside it the spec."""
    metadata: JSON = template.get("metadata") or {}
    shown = {name: dict(sorted(part.items())) if isinstance(part, dict) else part for name, part in metadata.items()}
    return {**shown, "Spec": spelled_spec(template.get("spec") or {})}


def spelled_terms(terms: Sequence[JSON]) -> list[JSON]:
    """Return node selector terms in the form in which they are shown."""
    return [_spell("NodeSelectorTerm", term) for term in terms]


def spelled_context(context: JSON) -> JSON:
    """Return a container's security context in the form in which it is shown."""
    return _spell("SecurityContext", context)


def spelled_toleration(toleration: JSON) -> JSON:
    """Return a toleration in the form in which it is shown."""
    return _spell("Toleration", toleration)


def spelled_container(container: JSON) -> JSON:
    """Return an ephemeral container in the form in which it is shown."""
    return _spell("EphemeralContainer", container)


def lines(value: Any) -> list[str]:
    """Return a value as lines of indented JSON."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    for plain, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(plain, escaped)
    return text.splitlines()


def _spell(kind: str, value: JSON) -> JSON:
    if kind == "Any":
        return {name[0].upper() + name[1:]: part for name, part in value.items()}
    shown: JSON = {}
    for name, key, form, inner in _fields(kind):
        part = value.get(key)
        if part is None:
            shown[name] = _spell(inner, {}) if form == "." else _ABSENT[form]
        elif form == "*":
            shown[name] = [_spell(inner, item) for item in part]
        elif inner:
            shown[name] = _spell(inner, part)
        else:
            shown[name] = dict(sorted(part.items())) if form == "%" else part
    return shown


@cache
def _fields(kind: str) -> tuple[tuple[str, str, str, str], ...]:
    """Return of each field: the name shown, the v1 name, the form, the inner type."""
    return tuple(_parse(_TYPES[kind]))


def _parse(text: str) -> Iterator[tuple[str, str, str, str]]:
    for name, form, inner in _FIELD.findall(text):
        yield name, _IRREGULAR.get(name) or _CAPITALS.sub(lambda found: found[0].lower(), name), form, inner
