"""From what a user types (`po`, `deploy/web`, `pods,svc`, `all`, `deployments.apps`) to rows of the resource table.

Built-in resources are known without asking; any other is looked up in the server's discovery.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from podwright.api.resources import RESOURCES, Resource
from podwright.api.versions import priority
from podwright.cli.errors import CliError
from podwright.client.transport import Request, Transport

if TYPE_CHECKING:
    from podwright.cli.session import Session

_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


DRY_RUN = {"none": "", "client": " (dry run)", "server": " (server dry run)"}  # after what a result line says


@dataclass(frozen=True, slots=True)
class Target:
    """One resource and, when the user named any, the objects of it."""

    resource: Resource
    names: tuple[str, ...] = ()
    namespace: str = ""  # where they are, if not where the command works

    def seen_from(self, session: Session) -> Session:
        """The session that works where these objects are."""
        return replace(session, namespace=self.namespace) if self.namespace else session


async def resolve(transport: Transport, arguments: Sequence[str], *, need_names: bool = False) -> list[Target]:
    """Read `TYPE[,TYPE] [NAME...]` or `TYPE/NAME...`. Raises CliError that says what was expected."""
    if not arguments:
        raise CliError(
            "you must specify the type of resource, for example: pods, deployment/web (api-resources lists all)"
        )
    if any("/" in a for a in arguments):
        if not all(a.count("/") == 1 and all(a.split("/")) for a in arguments):
            raise CliError(
                "there is no need to specify a resource type as a separate argument with TYPE/NAME arguments"
            )
        found: dict[Resource, list[str]] = {}
        for argument in arguments:
            kind, name = argument.split("/")
            found.setdefault(await one(transport, kind), []).append(name)
        return [Target(resource, tuple(names)) for resource, names in found.items()]
    kinds, names = arguments[0].split(","), tuple(arguments[1:])
    targets: list[Target] = []
    for kind in kinds:
        members = sorted(preferred(r for r in RESOURCES if kind in r.categories), key=lambda r: (r.group, r.plural))
        targets += [Target(resource, names) for resource in members or [await one(transport, kind)]]
    if need_names and not names:
        raise CliError("resource(s) were provided, but no name was specified")
    return targets


async def one(transport: Transport, text: str) -> Resource:
    """The resource that a plural, singular, kind or short name means, perhaps with a group. Raises CliError."""
    wanted = text.lower()
    for rows in (RESOURCES, None):
        table = await discover(transport) if rows is None else rows
        for row in table:
            words = {row.plural, row.singular, *row.short_names}
            groups = (
                {"", f".{row.group}", f".{row.version}.{row.group}"} if row.group else {"", ".", f".{row.version}."}
            )
            if any(wanted == word + group for word in words for group in groups):
                return row
    raise CliError(f'the server doesn\'t have a resource type "{text}"; `pw api-resources` lists what it has')


def preferred(rows: Iterable[Resource]) -> list[Resource]:
    """One row a resource: of its newest version."""
    found: dict[str, Resource] = {}
    for row in rows:
        other = found.get(row.qualified)
        if other is None or priority(row.version) < priority(other.version):
            found[row.qualified] = row
    return list(found.values())


async def discover(transport: Transport) -> list[Resource]:
    """Every resource the server has, built-in or not."""
    found: list[Resource] = []
    for path in ("/api", "/apis"):
        answer = await transport.request(Request("GET", path, headers=(("accept", _DISCOVERY),)))
        if answer.status != 200:
            continue
        groups: list[dict[str, Any]] = orjson.loads(answer.body).get("items") or []
        for group in groups:
            name = str((group.get("metadata") or {}).get("name") or "")
            for version in group.get("versions") or ():
                found += [_row(name, str(version["version"]), r) for r in version.get("resources") or ()]
    return found


def _row(group: str, version: str, data: dict[str, Any]) -> Resource:
    return Resource(
        group,
        version,
        str((data.get("responseKind") or {}).get("kind") or data["resource"]),
        str(data["resource"]),
        data.get("scope") == "Namespaced",
        "",
        tuple(data.get("shortNames") or ()),
        tuple(data.get("categories") or ()),
        tuple(str(s["subresource"]) for s in data.get("subresources") or ()),
        tuple(data.get("verbs") or ()),
    )


def shown(resource: Resource, name: str) -> str:
    """How a result line names an object: "pod/x", "deployment.apps/web"."""
    return f"{resource.singular}{'.' + resource.group if resource.group else ''}/{name}"
