"""`pw logs`: what a container wrote; with -f as it writes."""

from __future__ import annotations

import asyncio
import sys

import click

from podwright.cli.errors import CliError
from podwright.cli.finding import POD, container_of, pod_of
from podwright.cli.parameters import CONTAINER, completer
from podwright.cli.requests import call, refusal
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request


@click.command("logs")
@click.argument("what", required=False, shell_complete=completer("one_pod"))
@click.argument("container_name", required=False, shell_complete=completer("containers"))
@CONTAINER
@click.option("--all-containers", is_flag=True, help="Every container of the pod.")
@click.option("-l", "--selector", default="", help="All pods with these labels.")
@click.option("-f", "--follow", is_flag=True, help="Go on as more is written.")
@click.option("-p", "--previous", is_flag=True, help="Of the container before its last restart.")
@click.option("--timestamps", is_flag=True, help="The time before each line.")
@click.option("--tail", type=int, default=-1, help="Only this many last lines.")
@click.option("--since", default="", help="Only what is newer than 5s, 2m or 3h.")
@click.option("--since-time", default="", help="Only what is newer than this time (RFC 3339).")
@click.option("--limit-bytes", type=int, default=0, help="At most this many bytes.")
@click.option("--prefix", is_flag=True, help="Pod and container before each line.")
@api_command
async def logs(
    session: Session,
    what: str | None,
    container_name: str | None,
    container: str,
    all_containers: bool,
    selector: str,
    follow: bool,
    previous: bool,
    timestamps: bool,
    tail: int,
    since: str,
    since_time: str,
    limit_bytes: int,
    prefix: bool,
) -> None:
    """Example:  pw logs -f deploy/simpleserver -c helper --tail 5"""
    if bool(what) == bool(selector):
        raise CliError("expected a pod name (or TYPE/NAME), or -l LABELS")
    query: list[tuple[str, str]] = []
    flags = {"follow": follow, "previous": previous, "timestamps": timestamps}
    query += [(key, "true") for key, value in flags.items() if value]
    if tail >= 0:
        query.append(("tailLines", str(tail)))
    if since:
        query.append(("sinceSeconds", str(seconds(since))))
    query += [(k, v) for k, v in (("sinceTime", since_time), ("limitBytes", str(limit_bytes or ""))) if v]
    if selector:
        found = await call(session, "GET", POD.path(session.namespace), query=[("labelSelector", selector)])
        pods = found["items"]
        if not pods:
            raise CliError(f"no pods with labels {selector} in namespace {session.namespace}")
    else:
        pods = [await pod_of(session, what or "")]
    sources: list[tuple[str, str]] = []
    for pod in pods:
        name = pod["metadata"]["name"]
        if all_containers:
            keys = ("initContainers", "containers", "ephemeralContainers")
            sources += [(name, c["name"]) for key in keys for c in pod["spec"].get(key) or ()]
        else:
            sources.append((name, container_of(pod, container or container_name or "")))
    many = len(sources) > 1
    readers = [_read(session, pod, name, query, f"[pod/{pod}/{name}] " if prefix else "") for pod, name in sources]
    if many and follow:
        await asyncio.gather(*readers)
    else:
        for reader in readers:
            await reader


async def _read(session: Session, pod: str, container: str, query: list[tuple[str, str]], prefix: str) -> None:
    path = POD.path(session.namespace, pod, "log")
    stream = await session.transport.stream(Request("GET", path, (*query, ("container", container))))
    refused, rest = b"", b""
    try:
        async for chunk in stream:
            if stream.status != 200:
                refused += chunk
            elif prefix:
                *lines, rest = (rest + chunk).split(b"\n")
                sys.stdout.buffer.write(b"".join(prefix.encode() + line + b"\n" for line in lines))
            else:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    finally:
        await stream.close()
    if stream.status != 200:
        raise refusal(stream.status, refused)
    if rest:
        sys.stdout.buffer.write(prefix.encode() + rest + b"\n")
        sys.stdout.buffer.flush()


def seconds(duration: str) -> int:
    """ "90", "5s", "2m", "1h30m" as seconds. Raises CliError."""
    import re

    units = {"s": 1, "m": 60, "h": 3600, "": 1}
    parts = re.findall(r"(\d+)([smh]?)", duration)
    if not parts or "".join(n + u for n, u in parts) != duration:
        msg = f"invalid duration {duration!r}; expected for example 30s, 5m or 1h30m"
        raise CliError(msg)
    return sum(int(n) * units[u] for n, u in parts)
