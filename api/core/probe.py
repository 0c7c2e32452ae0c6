"""How containers are probed, and what is done after their start and before their end."""

from __future__ import annotations

from typing import Annotated

from podwright.api.core.values import Signal, URIScheme
from podwright.api.modeling.fields import ALWAYS, ATOMIC, REQUIRED, Default, Int32, Int64, IntOrString, api_type


@api_type("core.v1")
class ExecAction:
    """Runs a command in the container; exit code 0 is success."""

    command: Annotated[tuple[str, ...], ATOMIC] = ()
    """The program and its arguments. No shell is involved unless it is named here."""


@api_type("core.v1")
class HTTPHeader:
    """A header of a probe's request."""

    name: Annotated[str, REQUIRED] = ""
    """The header's name."""
    value: Annotated[str, REQUIRED] = ""
    """The header's value."""


@api_type("core.v1")
class HTTPGetAction:
    """Sends an HTTP GET; a code from 200 to 399 is success."""

    path: str = ""
    """The path to ask for."""
    port: Annotated[IntOrString, REQUIRED] = 0
    """The port's number or name."""
    host: str = ""
    """The host to connect to; the default is the pod's address."""
    scheme: URIScheme = ""
    """HTTP or HTTPS; certificates are not verified."""
    http_headers: Annotated[tuple[HTTPHeader, ...], ATOMIC] = ()
    """Headers to send."""


@api_type("core.v1")
class TCPSocketAction:
    """Opens a TCP connection; connecting is success."""

    port: Annotated[IntOrString, REQUIRED] = 0
    """The port's number or name."""
    host: str = ""
    """The host to connect to; the default is the pod's address."""


@api_type("core.v1")
class GRPCAction:
    """Asks the gRPC health service; SERVING is success."""

    port: Annotated[Int32, REQUIRED] = 0
    """The port's number."""
    service: Annotated[str | None, ALWAYS, Default("")] = None
    """The service name to ask about."""


@api_type("core.v1")
class SleepAction:
    """Waits."""

    seconds: Annotated[Int64, REQUIRED] = 0
    """How long, in seconds."""


@api_type("core.v1")
class ProbeHandler:
    """How a container is asked. Exactly one field is set."""

    exec: ExecAction | None = None
    """Run a command in the container."""
    http_get: HTTPGetAction | None = None
    """Send an HTTP request."""
    tcp_socket: TCPSocketAction | None = None
    """Open a TCP connection."""
    grpc: GRPCAction | None = None
    """Ask the gRPC health service."""


@api_type("core.v1")
class Probe(ProbeHandler):
    """A question asked of a container again and again."""

    initial_delay_seconds: Int32 = 0
    """The seconds to wait after the container started."""
    timeout_seconds: Int32 = 0
    """The seconds after which an answer counts as failure; the default is 1."""
    period_seconds: Int32 = 0
    """The seconds between two probes; the default is 10."""
    success_threshold: Int32 = 0
    """How many successes in a row count as success; the default is 1."""
    failure_threshold: Int32 = 0
    """How many failures in a row count as failure; the default is 3."""
    termination_grace_period_seconds: Int64 | None = None
    """The grace period when this probe ends the container, instead of the pod's."""


@api_type("core.v1")
class LifecycleHandler:
    """What to do at a moment of a container's life. Exactly one field is set."""

    exec: ExecAction | None = None
    """Run a command in the container."""
    http_get: HTTPGetAction | None = None
    """Send an HTTP request."""
    tcp_socket: TCPSocketAction | None = None
    """Does nothing; kept for old manifests."""
    sleep: SleepAction | None = None
    """Wait."""


@api_type("core.v1")
class Lifecycle:
    """What to do at moments of a container's life."""

    post_start: LifecycleHandler | None = None
    """Done right after the start. Failure ends the container."""
    pre_stop: LifecycleHandler | None = None
    """Done before the container is stopped, within the grace period."""
    stop_signal: Signal | None = None
    """The signal that stops the container, instead of the image's."""
