"""The named strings of the core group, with the values they may take.

A value outside the set still decodes: whether it is valid is for the apiserver to say, with the field's path.
"""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import Map, Quantity, TypeName, named

_SIGNALS = (
    "SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGIO",
    "SIGIOT", "SIGKILL", "SIGPIPE", "SIGPOLL", "SIGPROF", "SIGPWR", "SIGQUIT", "SIGSEGV", "SIGSTKFLT", "SIGSTOP",
    "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM",
    "SIGWINCH", "SIGXCPU", "SIGXFSZ", "SIGRTMIN", *(f"SIGRTMIN+{number}" for number in range(1, 16)),
    *(f"SIGRTMAX-{number}" for number in range(14, 0, -1)), "SIGRTMAX",
)  # fmt: skip

AppArmorProfileType = Annotated[str, named("v1.AppArmorProfileType", "Unconfined", "RuntimeDefault", "Localhost")]
AzureDataDiskCachingMode = Annotated[str, named("v1.AzureDataDiskCachingMode", "None", "ReadOnly", "ReadWrite")]
AzureDataDiskKind = Annotated[str, named("v1.AzureDataDiskKind", "Shared", "Dedicated", "Managed")]
Capability = Annotated[str, named("v1.Capability")]
ClaimResourceStatus = Annotated[str, named("v1.ClaimResourceStatus")]
ConditionStatus = Annotated[str, named("v1.ConditionStatus")]
ContainerRestartPolicy = Annotated[str, named("v1.ContainerRestartPolicy")]
ContainerRestartRuleAction = Annotated[str, named("v1.ContainerRestartRuleAction")]
ContainerRestartRuleOnExitCodesOperator = Annotated[str, named("v1.ContainerRestartRuleOnExitCodesOperator")]
DNSPolicy = Annotated[str, named("v1.DNSPolicy", "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")]
FinalizerName = Annotated[str, named("v1.FinalizerName")]
HostPathType = Annotated[
    str,
    named(
        "v1.HostPathType",
        "",
        "DirectoryOrCreate",
        "Directory",
        "FileOrCreate",
        "File",
        "Socket",
        "CharDevice",
        "BlockDevice",
    ),
]
IPFamily = Annotated[str, named("v1.IPFamily", "IPv4", "IPv6", "")]
IPFamilyPolicy = Annotated[str, named("v1.IPFamilyPolicy", "SingleStack", "PreferDualStack", "RequireDualStack")]
LoadBalancerIPMode = Annotated[str, named("v1.LoadBalancerIPMode")]
MountPropagationMode = Annotated[str, named("v1.MountPropagationMode", "None", "HostToContainer", "Bidirectional")]
NamespaceConditionType = Annotated[str, named("v1.NamespaceConditionType")]
NamespacePhase = Annotated[str, named("v1.NamespacePhase", "Active", "Terminating")]
NodeAddressType = Annotated[str, named("v1.NodeAddressType")]
NodeConditionType = Annotated[str, named("v1.NodeConditionType")]
NodeInclusionPolicy = Annotated[str, named("v1.NodeInclusionPolicy", "Ignore", "Honor")]
NodePhase = Annotated[str, named("v1.NodePhase", "Pending", "Running", "Terminated")]
NodeSelectorOperator = Annotated[
    str, named("v1.NodeSelectorOperator", "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
]
OSName = Annotated[str, named("v1.OSName")]
PersistentVolumeAccessMode = Annotated[
    str, named("v1.PersistentVolumeAccessMode", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
]
PersistentVolumeClaimConditionType = Annotated[str, named("v1.PersistentVolumeClaimConditionType")]
PersistentVolumeClaimModifyVolumeStatus = Annotated[
    str, named("v1.PersistentVolumeClaimModifyVolumeStatus", "Pending", "InProgress", "Infeasible")
]
PersistentVolumeClaimPhase = Annotated[str, named("v1.PersistentVolumeClaimPhase", "Pending", "Bound", "Lost")]
PersistentVolumeMode = Annotated[str, named("v1.PersistentVolumeMode", "Block", "Filesystem")]
PersistentVolumePhase = Annotated[
    str, named("v1.PersistentVolumePhase", "Pending", "Available", "Bound", "Released", "Failed")
]
PersistentVolumeReclaimPolicy = Annotated[str, named("v1.PersistentVolumeReclaimPolicy", "Recycle", "Delete", "Retain")]
PodConditionType = Annotated[str, named("v1.PodConditionType")]
PodFSGroupChangePolicy = Annotated[str, named("v1.PodFSGroupChangePolicy", "OnRootMismatch", "Always")]
PodPhase = Annotated[str, named("v1.PodPhase", "Pending", "Running", "Succeeded", "Failed", "Unknown")]
PodQOSClass = Annotated[str, named("v1.PodQOSClass", "Guaranteed", "Burstable", "BestEffort")]
PodResizeStatus = Annotated[str, named("v1.PodResizeStatus")]
PodSELinuxChangePolicy = Annotated[str, named("v1.PodSELinuxChangePolicy")]
PreemptionPolicy = Annotated[str, named("v1.PreemptionPolicy", "PreemptLowerPriority", "Never")]
ProcMountType = Annotated[str, named("v1.ProcMountType", "Default", "Unmasked")]
Protocol = Annotated[str, named("v1.Protocol", "TCP", "UDP", "SCTP")]
PullPolicy = Annotated[str, named("v1.PullPolicy", "Always", "Never", "IfNotPresent")]
RecursiveReadOnlyMode = Annotated[str, named("v1.RecursiveReadOnlyMode")]
ReplicationControllerConditionType = Annotated[str, named("v1.ReplicationControllerConditionType")]
ResourceHealthStatus = Annotated[str, named("v1.ResourceHealthStatus")]
ResourceID = Annotated[str, named("v1.ResourceID")]
ResourceList = Annotated[Map[str, Quantity], TypeName("v1.ResourceList")]
ResourceName = Annotated[str, named("v1.ResourceName")]
ResourceResizeRestartPolicy = Annotated[str, named("v1.ResourceResizeRestartPolicy")]
RestartPolicy = Annotated[str, named("v1.RestartPolicy", "Always", "OnFailure", "Never")]
SeccompProfileType = Annotated[str, named("v1.SeccompProfileType", "Unconfined", "RuntimeDefault", "Localhost")]
SecretType = Annotated[str, named("v1.SecretType")]
ServiceAffinity = Annotated[str, named("v1.ServiceAffinity", "ClientIP", "None")]
ServiceExternalTrafficPolicy = Annotated[str, named("v1.ServiceExternalTrafficPolicy", "Cluster", "Local")]
ServiceInternalTrafficPolicy = Annotated[str, named("v1.ServiceInternalTrafficPolicy", "Cluster", "Local")]
ServiceType = Annotated[str, named("v1.ServiceType", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName")]
Signal = Annotated[str, named("v1.Signal", *_SIGNALS)]
StorageMedium = Annotated[str, named("v1.StorageMedium")]
SupplementalGroupsPolicy = Annotated[str, named("v1.SupplementalGroupsPolicy", "Merge", "Strict")]
TaintEffect = Annotated[str, named("v1.TaintEffect", "NoSchedule", "PreferNoSchedule", "NoExecute")]
TerminationMessagePolicy = Annotated[str, named("v1.TerminationMessagePolicy", "File", "FallbackToLogsOnError")]
TolerationOperator = Annotated[str, named("v1.TolerationOperator", "Exists", "Equal", "Lt", "Gt")]
URIScheme = Annotated[str, named("v1.URIScheme", "HTTP", "HTTPS")]
UniqueVolumeName = Annotated[str, named("v1.UniqueVolumeName")]
UnsatisfiableConstraintAction = Annotated[
    str, named("v1.UnsatisfiableConstraintAction", "DoNotSchedule", "ScheduleAnyway")
]
