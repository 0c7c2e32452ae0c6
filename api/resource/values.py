"""The named strings and maps of the resource group, with the values they may take where the set is closed."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import named

AllocationConfigSource = Annotated[str, named("v1.AllocationConfigSource", "FromClass", "FromClaim")]
DeviceAllocationMode = Annotated[str, named("v1.DeviceAllocationMode", "ExactCount", "All")]
DeviceTaintEffect = Annotated[str, named("v1.DeviceTaintEffect", "None", "NoSchedule", "NoExecute")]
DeviceTolerationOperator = Annotated[str, named("v1.DeviceTolerationOperator", "Exists", "Equal")]
FullyQualifiedName = Annotated[str, named("v1.FullyQualifiedName")]
QualifiedName = Annotated[str, named("v1.QualifiedName")]
