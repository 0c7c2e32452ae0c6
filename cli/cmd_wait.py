"""`pw wait`: return when objects have a condition, a value, exist, or are gone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import click
import orjson

from podwright.api.errors import ApiError
from podwright.api.jsonpath import find
from podwright.api.resources import Resource
from podwright.cli.cmd_logs import seconds
from podwright.cli.errors import CliError, text
from podwright.cli.naming import resolve, shown
from podwright.cli.parameters import what
from podwright.cli.requests import call, namespace_of
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request

JSON = dict[str, Any]
Test = Callable[[JSON | None], bool]


@click.command("wait")
@what()
@click.option("--for", "goal", required=True, help="condition=Ready[=False], jsonpath={.a}=b, create or delete.")
@click.option("--timeout", default="30s", help="Give up after this long.")
@click.option("-l", "--selector", default="", help="All objects of the type with these labels.")
@click.option("--all", "everything", is_flag=True, help="All objects of the type in the namespace.")
@api_command
async def wait(
    session: Session, what: tuple[str, ...], goal: str, timeout: str, selector: str, everything: bool
) -> None:
    """Example:  pw wait --for=condition=Available deploy/simpleserver --timeout 60s"""
    test = parse_goal(goal)
    failed = 0
    for target in await resolve(session.transport, what):
        names = list(target.names)
        if not names and (selector or everything):
            path = target.resource.path(namespace_of(session, target.resource))
            found = await call(session, "GET", path, query=[("labelSelector", selector)] if selector else [])
            names = [i["metadata"]["name"] for i in found["items"]]
        if not names and goal != "delete":
            raise CliError("no matching resources found")
        for name in names:
            try:
                async with asyncio.timeout(seconds(timeout)):
                    await _until(session, target.resource, name, test, may_be_absent=goal in {"create", "delete"})
            except TimeoutError:
                click.echo(f"error: timed out waiting for the condition on {target.resource.plural}/{name}", err=True)
                failed += 1
            except ApiError as e:
                click.echo(text(e), err=True)
                failed += 1
            else:
                done = "condition met" if goal != "delete" else "deleted"
                click.echo(f"{shown(target.resource, name)} {done}")
    if failed:
        sys.exit(1)


def parse_goal(goal: str) -> Test:
    """A test of the object as it is now (None: it does not exist). Raises CliError."""
    kind, _, rest = goal.partition("=")
    if goal == "delete":
        return lambda obj: obj is None
    if goal == "create":
        return lambda obj: obj is not None
    if kind == "condition" and rest:
        name, _, value = rest.partition("=")
        return lambda obj: obj is not None and _condition(obj, name) == (value or "true").lower()
    if kind == "jsonpath" and rest:
        path, _, value = rest.replace("'", "").replace('"', "").rpartition("}=")
        if path:
            return lambda obj: obj is not None and value in [_plain(v) for v in find(path + "}", obj)]
        return lambda obj: obj is not None and bool(find(rest.strip("'"), obj))
    msg = (
        f"unrecognized condition: {goal!r}; expected condition=NAME[=VALUE], jsonpath={{PATH}}=VALUE, create or delete"
    )
    raise CliError(msg)


def _condition(obj: JSON, name: str) -> str:
    status = obj.get("status") or {}
    if status.get("observedGeneration", 1 << 62) < obj["metadata"].get("generation", 0):
        return ""
    conditions = status.get("conditions") or ()
    return next((str(c["status"]).lower() for c in conditions if str(c["type"]).lower() == name.lower()), "")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


async def _until(session: Session, resource: Resource, name: str, test: Test, *, may_be_absent: bool) -> None:
    path = resource.path(namespace_of(session, resource))
    query = [("fieldSelector", f"metadata.name={name}")]
    while True:
        found = await call(session, "GET", path, query=query)
        current = found["items"][0] if found["items"] else None
        if current is None and not may_be_absent:
            raise ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found')
        if test(current):
            return
        version = found["metadata"]["resourceVersion"]
        stream = await session.transport.stream(
            Request("GET", path, (*query, ("watch", "1"), ("resourceVersion", version)))
        )
        rest = b""
        try:
            async for chunk in stream:
                *lines, rest = (rest + chunk).split(b"\n")
                events = [orjson.loads(line) for line in lines]
                if any(e["type"] != "ERROR" and test(None if e["type"] == "DELETED" else e["object"]) for e in events):
                    return
        finally:
            await stream.close()
