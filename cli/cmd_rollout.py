"""`pw rollout`: follow a rollout, restart it; for Deployments also pause, resume, show its history, go back."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import orjson

from podwright.api.errors import ApiError
from podwright.api.resources import Resource, find
from podwright.api.times import format_time
from podwright.cli.cmd_logs import seconds
from podwright.cli.errors import CliError
from podwright.cli.naming import shown
from podwright.cli.output.tabwriter import align
from podwright.cli.parameters import what
from podwright.cli.requests import JSON_PATCH, MERGE, STRATEGIC, call, namespace_of
from podwright.cli.rolling import progress
from podwright.cli.selecting import chosen
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request

JSON = dict[str, Any]
_REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_KEPT = ("kubectl.kubernetes.io/last-applied-configuration", _REVISION, "deployment.kubernetes.io/revision-history",
         "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas",
         "deprecated.deployment.rollback.to")  # fmt: skip


_ROLLING = ("deployments", "daemonsets", "statefulsets")
_SELECTOR = click.option("-l", "--selector", default="", help="All deployments with these labels.")


@click.group("rollout")
def rollout() -> None:
    """Manage the rollout of a Deployment; status and restart also know DaemonSets and StatefulSets."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """A Deployment as it is now."""

    resource: Resource
    deployment: JSON

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.deployment["metadata"]["name"])

    @property
    def done(self) -> str:
        """How result lines name it."""
        return shown(self.resource, self.name)

    @property
    def quoted(self) -> str:
        """How errors name it."""
        return f'{self.resource.qualified} "{self.name}"'

    @property
    def paused(self) -> bool:
        """Whether it is on hold."""
        return bool(self.deployment["spec"].get("paused"))

    @property
    def path(self) -> str:
        """Its URL path."""
        return self.resource.path(self.deployment["metadata"]["namespace"], self.name)


async def _rollouts(
    session: Session, what: Sequence[str], selector: str = "", kinds: Sequence[str] = ("deployments",)
) -> list[Rollout]:
    """What is named, of these kinds. Raises CliError, ApiError."""
    found: list[Rollout] = []
    for target in await chosen(session, what, selector, everything=False):
        resource = target.resource
        if resource.group != "apps" or resource.plural not in kinds:
            msg = f"no rollouts of this sort for {resource.plural}: only {' and '.join(kinds)} have them"
            raise CliError(msg)
        base = resource.path(namespace_of(session, resource))
        found += [Rollout(resource, await call(session, "GET", f"{base}/{name}")) for name in target.names]
    return found


@rollout.command("status", short_help="Follow the rollout to its end.")
@what(*_ROLLING)
@click.option("--watch/--no-watch", "-w", default=True, help="Wait for the end.")
@click.option("--timeout", default="0s", help="Give up after this long (0s: never).")
@_SELECTOR
@api_command
async def status(session: Session, what: tuple[str, ...], watch: bool, timeout: str, selector: str) -> None:
    """Show what the rollout waits for until it is over; exit status 1 when it fails or the timeout is reached."""
    try:
        async with asyncio.timeout(seconds(timeout) or None):
            for one in await _rollouts(session, what, selector, _ROLLING):
                await _follow(session, one, watch=watch)
    except TimeoutError:
        raise CliError("timed out waiting for the condition") from None


async def _follow(session: Session, one: Rollout, *, watch: bool) -> None:
    deployment = one.deployment
    path = one.resource.path(deployment["metadata"]["namespace"])
    said = ""
    while True:
        text, done = progress(deployment)
        if text != said:
            click.echo(text)
            said = text
        if done or not watch:
            return
        query = (
            ("watch", "1"),
            ("fieldSelector", f"metadata.name={one.name}"),
            ("resourceVersion", deployment["metadata"]["resourceVersion"]),
        )
        stream = await session.transport.stream(Request("GET", path, query))
        rest = b""
        try:
            async for chunk in stream:
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    event = orjson.loads(line)
                    if event["type"] == "DELETED":
                        raise CliError("object has been deleted")
                    if event["type"] == "ERROR":
                        raise ApiError.from_status(event["object"])
                    deployment = event["object"]
                    text, done = progress(deployment)
                    if text != said:
                        click.echo(text)
                        said = text
                    if done:
                        return
        finally:
            await stream.close()


@rollout.command("restart", short_help="Replace every pod.")
@what(*_ROLLING)
@_SELECTOR
@api_command
async def restart(session: Session, what: tuple[str, ...], selector: str) -> None:
    """Roll out the same template anew."""
    for one in await _rollouts(session, what, selector, _ROLLING):
        if one.paused:
            msg = f"{one.quoted} can't restart paused deployment (run rollout resume first)"
            raise CliError(msg)
        now = format_time(dt.datetime.now(dt.UTC))
        patch = {"spec": {"template": {"metadata": {"annotations": {_RESTARTED: now}}}}}
        await call(session, "PATCH", one.path, patch, content_type=STRATEGIC)
        click.echo(f"{one.done} restarted")


@rollout.command("pause", short_help="Hold the rollout.")
@what("deployments")
@_SELECTOR
@api_command
async def pause(session: Session, what: tuple[str, ...], selector: str) -> None:
    """Changes of the template wait until `rollout resume`."""
    await _set_paused(session, await _rollouts(session, what, selector), paused=True)


@rollout.command("resume", short_help="Go on with a paused rollout.")
@what("deployments")
@_SELECTOR
@api_command
async def resume(session: Session, what: tuple[str, ...], selector: str) -> None:
    """Go on."""
    await _set_paused(session, await _rollouts(session, what, selector), paused=False)


async def _set_paused(session: Session, rollouts: Sequence[Rollout], *, paused: bool) -> None:
    for one in rollouts:
        if one.paused == paused:
            raise CliError(f"{one.quoted} is already paused" if paused else f"{one.quoted} is not paused")
        patch = {"spec": {"paused": True if paused else None}}
        await call(session, "PATCH", one.path, patch, content_type=MERGE)
        click.echo(f"{one.done} {'paused' if paused else 'resumed'}")


async def _revisions(session: Session, deployment: JSON) -> dict[int, JSON]:
    """The deployment's ReplicaSets by revision, oldest first."""
    labels = deployment["spec"]["selector"].get("matchLabels") or {}
    query = [("labelSelector", ",".join(f"{k}={v}" for k, v in labels.items()))]
    path = find("replicasets", "apps").path(deployment["metadata"]["namespace"])
    sets: list[JSON] = (await call(session, "GET", path, query=query))["items"]
    uid = deployment["metadata"]["uid"]
    owned = [s for s in sets if any(o["uid"] == uid for o in s["metadata"].get("ownerReferences") or ())]
    numbered = {int((s["metadata"].get("annotations") or {}).get(_REVISION, 0)): s for s in owned}
    return dict(sorted(numbered.items()))


@rollout.command("history", short_help="The revisions there are.")
@what("deployments")
@click.option("--revision", type=int, default=0, help="Show this revision's template.")
@_SELECTOR
@api_command
async def history(session: Session, what: tuple[str, ...], revision: int, selector: str) -> None:
    """List the revisions, or show one."""
    for one in await _rollouts(session, what, selector):
        revisions = await _revisions(session, one.deployment)
        if not revision:
            click.echo(one.done + " ")
            rows = [f"{n}\t{_cause(s) or '<none>'}" for n, s in revisions.items()]
            sys.stdout.write(align(["REVISION\tCHANGE-CAUSE", *rows]) + "\n")
            continue
        if revision not in revisions:
            known = ", ".join(map(str, revisions)) or "none"
            msg = f"unable to find the specified revision {revision} of {one.done}; there are: {known}"
            raise CliError(msg)
        from podwright.cli.describing.pod import template_lines

        click.echo(f"{one.done} with revision #{revision}")
        sys.stdout.write(align(["Pod Template:", *template_lines(revisions[revision]["spec"]["template"], 1)]))


def _cause(obj: JSON) -> str:
    return str((obj["metadata"].get("annotations") or {}).get(_CAUSE, ""))


@rollout.command("undo", short_help="Go back to an earlier revision.")
@what("deployments")
@click.option("--to-revision", type=click.IntRange(min=0), default=0, help="Which one (0: the one before).")
@_SELECTOR
@api_command
async def undo(session: Session, what: tuple[str, ...], to_revision: int, selector: str) -> None:
    """Put an earlier revision's template in place again."""
    for one in await _rollouts(session, what, selector):
        await _undo(session, one, to_revision)


async def _undo(session: Session, one: Rollout, to_revision: int) -> None:
    if one.paused:
        msg = f"you cannot rollback a paused deployment; resume it first with `pw rollout resume {one.done}`"
        raise CliError(msg)
    metadata = one.deployment["metadata"]
    revisions = await _revisions(session, one.deployment)
    current = int((metadata.get("annotations") or {}).get(_REVISION, 0))
    earlier = [n for n in revisions if n != current]
    number = to_revision or (earlier[-1] if earlier else 0)
    if number not in revisions:
        if to_revision:
            raise CliError(f"unable to find specified revision {to_revision} in history")
        raise CliError(f"no rollout history found for {one.quoted}: there is no revision before this one")
    target = revisions[number]
    template = orjson.loads(orjson.dumps(target["spec"]["template"]))
    (template["metadata"].get("labels") or {}).pop("pod-template-hash", None)
    if number == current:
        click.echo(f"{one.done} skipped rollback (current template already matches revision {number})")
        return
    held = metadata.get("annotations") or {}
    annotations = {k: v for k, v in (target["metadata"].get("annotations") or {}).items() if k not in _KEPT}
    annotations |= {k: v for k, v in held.items() if k in _KEPT}
    patch = [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]
    await call(session, "PATCH", one.path, patch, content_type=JSON_PATCH)
    click.echo(f"{one.done} rolled back")
