"""The documents by which clients find out what is served: versions, groups, resources, the build."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from podwright.api.modeling.fields import ATOMIC, REQUIRED, Wire, api_type


@api_type("meta.v1")
class GroupVersionForDiscovery:
    """A group with one of its versions."""

    group_version: Annotated[str, REQUIRED] = ""
    """Both, as in "apps/v1"."""
    version: Annotated[str, REQUIRED] = ""
    """The version alone."""


@api_type("meta.v1")
class ServerAddressByClientCIDR:
    """Where clients of a network reach the server."""

    client_cidr: Annotated[str, REQUIRED, Wire("clientCIDR")] = ""
    """The clients' network."""
    server_address: Annotated[str, REQUIRED] = ""
    """The server's address: a host, an address, or either with a port."""


@api_type("meta.v1")
class APIVersions:
    """Which versions of the core group are served."""

    kind: str = "APIVersions"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    versions: Annotated[tuple[str, ...], REQUIRED, ATOMIC] = ()
    """The versions."""
    server_address_by_client_cidrs: Annotated[
        tuple[ServerAddressByClientCIDR, ...], REQUIRED, ATOMIC, Wire("serverAddressByClientCIDRs")
    ] = ()
    """Where clients reach the server, by their network."""


@api_type("meta.v1")
class APIGroup:
    """A group and its versions."""

    kind: str = "APIGroup"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    name: Annotated[str, REQUIRED] = ""
    """The group's name."""
    versions: Annotated[tuple[GroupVersionForDiscovery, ...], REQUIRED, ATOMIC] = ()
    """The versions that are served."""
    preferred_version: GroupVersionForDiscovery = field(default_factory=GroupVersionForDiscovery)
    """The version to use when nothing speaks for another."""
    server_address_by_client_cidrs: Annotated[
        tuple[ServerAddressByClientCIDR, ...], ATOMIC, Wire("serverAddressByClientCIDRs")
    ] = ()
    """Where clients reach the server, by their network."""


@api_type("meta.v1")
class APIGroupList:
    """All groups with a name."""

    kind: str = "APIGroupList"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    groups: Annotated[tuple[APIGroup, ...], REQUIRED, ATOMIC] = ()
    """The groups."""


@api_type("meta.v1")
class APIResource:
    """One resource or subresource."""

    name: Annotated[str, REQUIRED] = ""
    """The plural, as paths have it; `pods/log` for a subresource."""
    singular_name: Annotated[str, REQUIRED] = ""
    """The singular, for tools to show and to take."""
    namespaced: Annotated[bool, REQUIRED] = False
    """Whether its objects live in namespaces."""
    group: str = ""
    """The group of its kind, if that is not the document's."""
    version: str = ""
    """The version of its kind, if that is not the document's."""
    kind: Annotated[str, REQUIRED] = ""
    """Its kind."""
    verbs: Annotated[tuple[str, ...], REQUIRED] = ()
    """What can be done with it."""
    short_names: Annotated[tuple[str, ...], ATOMIC] = ()
    """Short names for tools to take."""
    categories: Annotated[tuple[str, ...], ATOMIC] = ()
    """Groupings it belongs to, such as "all"."""
    storage_version_hash: str = ""
    """Changes when what is stored changes its version; clients may only compare it."""


@api_type("meta.v1")
class APIResourceList:
    """The resources of a group's version."""

    kind: str = "APIResourceList"
    """The kind of this object."""
    api_version: str = "v1"
    """The group and version of the schema this object is written in."""
    group_version: Annotated[str, REQUIRED] = ""
    """The group and version the resources belong to."""
    resources: Annotated[tuple[APIResource, ...], REQUIRED, ATOMIC] = ()
    """The resources."""


@api_type("version")
class Info:
    """What runs: its versions and how it was built."""

    major: Annotated[str, REQUIRED] = ""
    """The major version of the API."""
    minor: Annotated[str, REQUIRED] = ""
    """The minor version of the API."""
    emulation_major: str = ""
    """The major version that is emulated."""
    emulation_minor: str = ""
    """The minor version that is emulated."""
    min_compatibility_major: str = ""
    """The oldest major version this one gets along with."""
    min_compatibility_minor: str = ""
    """The oldest minor version this one gets along with."""
    git_version: Annotated[str, REQUIRED] = ""
    """The full version."""
    git_commit: Annotated[str, REQUIRED] = ""
    """The commit it was built from."""
    git_tree_state: Annotated[str, REQUIRED] = ""
    """Whether that commit was built unchanged."""
    build_date: Annotated[str, REQUIRED] = ""
    """When it was built."""
    go_version: Annotated[str, REQUIRED] = ""
    """The version of the language it is written in."""
    compiler: Annotated[str, REQUIRED] = ""
    """What it was compiled with."""
    platform: Annotated[str, REQUIRED] = ""
    """The operating system and processor it runs on."""
