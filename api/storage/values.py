"""The named strings of the storage group, with the values they may take where the set is closed."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import named

FSGroupPolicy = Annotated[str, named("v1.FSGroupPolicy")]
VolumeBindingMode = Annotated[str, named("v1.VolumeBindingMode", "Immediate", "WaitForFirstConsumer")]
VolumeLifecycleMode = Annotated[str, named("v1.VolumeLifecycleMode")]
