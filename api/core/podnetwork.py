"""A pod's names, resolver and addresses."""

from __future__ import annotations

from typing import Annotated

from podwright.api.modeling.fields import ATOMIC, REQUIRED, api_type


@api_type("core.v1")
class HostAlias:
    """A line of the pod's /etc/hosts."""

    ip: Annotated[str, REQUIRED] = ""
    """The address."""
    hostnames: Annotated[tuple[str, ...], ATOMIC] = ()
    """The names for it."""


@api_type("core.v1")
class PodDNSConfigOption:
    """An option of the resolver."""

    name: str = ""
    """The option's name, such as "ndots"."""
    value: str | None = None
    """Its value, if it takes one."""


@api_type("core.v1")
class PodDNSConfig:
    """Settings of the pod's resolver, added to what dnsPolicy yields."""

    nameservers: Annotated[tuple[str, ...], ATOMIC] = ()
    """Addresses of name servers."""
    searches: Annotated[tuple[str, ...], ATOMIC] = ()
    """Domains to search."""
    options: Annotated[tuple[PodDNSConfigOption, ...], ATOMIC] = ()
    """Options; they replace those of the same name."""


@api_type("core.v1")
class HostIP:
    """An address of the pod's node."""

    ip: Annotated[str, REQUIRED] = ""
    """The address."""


@api_type("core.v1")
class PodIP:
    """An address of the pod."""

    ip: Annotated[str, REQUIRED] = ""
    """The address."""
