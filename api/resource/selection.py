"""How devices are selected and set up: what classes and claims have in common."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import REQUIRED, Default, Int64, RawObject, api_type
from podwright.api.resource.values import DeviceTaintEffect, DeviceTolerationOperator


@api_type("resource.v1")
class CELDeviceSelector:
    """Selects devices by an expression."""

    expression: Annotated[str, REQUIRED] = ""
    """A CEL expression over `device` (its driver, attributes and capacity) that is true for the wanted devices."""


@api_type("resource.v1")
class DeviceSelector:
    """Selects devices. Exactly one field is given."""

    cel: CELDeviceSelector | None = None
    """Selects by an expression."""


@api_type("resource.v1")
class OpaqueDeviceConfiguration:
    """Settings of a form that only their driver knows."""

    driver: Annotated[str, REQUIRED] = ""
    """The driver they are for."""
    parameters: Annotated[RawObject | None, REQUIRED] = None
    """The settings: an object with kind and apiVersion, at most 10 KiB."""


@api_type("resource.v1")
class DeviceToleration:
    """Lets a request have devices with a taint."""

    key: str = ""
    """The taint's key; empty matches all, and needs Exists."""
    operator: Annotated[DeviceTolerationOperator, Default("Equal")] = ""
    """Equal (the default), or Exists, which takes any value."""
    value: str = ""
    """The taint's value, for Equal."""
    effect: DeviceTaintEffect = ""
    """The taint's effect; empty matches all."""
    toleration_seconds: Int64 | None = None
    """How long a NoExecute taint is borne; none means for ever."""
