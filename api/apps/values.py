"""The named strings of the apps group, with the values they may take."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import named

DaemonSetConditionType = Annotated[str, named("v1.DaemonSetConditionType")]
DaemonSetUpdateStrategyType = Annotated[str, named("v1.DaemonSetUpdateStrategyType", "OnDelete", "RollingUpdate")]
DeploymentConditionType = Annotated[str, named("v1.DeploymentConditionType")]
DeploymentStrategyType = Annotated[str, named("v1.DeploymentStrategyType", "Recreate", "RollingUpdate")]
ReplicaSetConditionType = Annotated[str, named("v1.ReplicaSetConditionType")]
PersistentVolumeClaimRetentionPolicyType = Annotated[str, named("v1.PersistentVolumeClaimRetentionPolicyType")]
PodManagementPolicyType = Annotated[str, named("v1.PodManagementPolicyType", "OrderedReady", "Parallel")]
StatefulSetConditionType = Annotated[str, named("v1.StatefulSetConditionType")]
StatefulSetUpdateStrategyType = Annotated[str, named("v1.StatefulSetUpdateStrategyType", "RollingUpdate", "OnDelete")]
