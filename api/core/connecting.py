"""What a connection to a pod, a service or a node asks for, as an object: admission is shown it."""

from __future__ import annotations

from dataclasses import field

from podwright.api.modeling.fields import Int32, api_type


@api_type("core.v1")
class PodExecOptions:
    """A program that is run in a container."""

    kind: str = "PodExecOptions"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    stdin: bool = False
    """Whether its input is sent."""
    stdout: bool = False
    """Whether its output is wanted."""
    stderr: bool = False
    """Whether its errors are wanted."""
    tty: bool = False
    """Whether it gets a terminal."""
    container: str = ""
    """The container; the only one when it is empty."""
    command: tuple[str, ...] = field(default_factory=tuple)
    """The program and its arguments."""


@api_type("core.v1")
class PodAttachOptions:
    """A look into a container that runs."""

    kind: str = "PodAttachOptions"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    stdin: bool = False
    """Whether its input is sent."""
    stdout: bool = False
    """Whether its output is wanted."""
    stderr: bool = False
    """Whether its errors are wanted."""
    tty: bool = False
    """Whether it has a terminal."""
    container: str = ""
    """The container; the only one when it is empty."""


@api_type("core.v1")
class PodPortForwardOptions:
    """Connections to ports of a pod."""

    kind: str = "PodPortForwardOptions"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    ports: tuple[Int32, ...] = field(default_factory=tuple)
    """The ports."""


@api_type("core.v1")
class PodProxyOptions:
    """An HTTP request that is passed on to a pod."""

    kind: str = "PodProxyOptions"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    path: str = ""
    """The path of the request."""


@api_type("core.v1")
class ServiceProxyOptions:
    """An HTTP request that is passed on to a service."""

    kind: str = "ServiceProxyOptions"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    path: str = ""
    """The path of the request."""


@api_type("core.v1")
class NodeProxyOptions:
    """An HTTP request that is passed on to a node."""

    kind: str = "NodeProxyOptions"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    path: str = ""
    """The path of the request."""
