"""`pw rollout`: follow a Deployment's rollout, pause, resume, restart it, show its history, go back."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from typing import Any

import click
import orjson

from podwright.api.errors import ApiError
from podwright.api.resources import Resource, find
from podwright.api.times import format_time
from podwright.cli.cmd_logs import seconds
from podwright.cli.errors import CliError
from podwright.cli.naming import resolve, shown
from podwright.cli.output.tabwriter import align
from podwright.cli.requests import JSON_PATCH, MERGE, STRATEGIC, call, namespace_of
from podwright.cli.session import Session, api_command
from podwright.client.transport import Request

JSON = dict[str, Any]
_REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_KEPT = ("kubectl.kubernetes.io/last-applied-configuration", _REVISION, "deployment.kubernetes.io/revision-history",
         "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas",
         "deprecated.deployment.rollback.to")  # fmt: skip


@click.group("rollout", short_help="Follow, pause, restart, undo a rollout.")
def rollout() -> None:
    """Manage the rollout of a Deployment."""


async def _one(session: Session, what: tuple[str, ...]) -> tuple[Resource, str, JSON]:
    targets = await resolve(session.transport, what, need_names=True)
    resource, name = targets[0].resource, targets[0].names[0]
    if resource.qualified != "deployments.apps":
        msg = f"no rollouts for {resource.plural}: only deployments have them"
        raise CliError(msg)
    return resource, name, await call(session, "GET", resource.path(namespace_of(session, resource), name))


def progress(deployment: JSON) -> tuple[str, bool]:
    """What the rollout waits for, and whether it is over. Raises CliError when it has failed."""
    name = deployment["metadata"]["name"]
    spec, status = deployment["spec"], deployment.get("status") or {}
    if deployment["metadata"].get("generation", 0) > status.get("observedGeneration", 0):
        return "Waiting for deployment spec update to be observed...", False
    for condition in status.get("conditions") or ():
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            msg = f'deployment "{name}" exceeded its progress deadline'
            raise CliError(msg)
    wanted, updated = spec.get("replicas", 1), status.get("updatedReplicas", 0)
    total, available = status.get("replicas", 0), status.get("availableReplicas", 0)
    head = f'Waiting for deployment "{name}" rollout to finish: '
    if updated < wanted:
        return f"{head}{updated} out of {wanted} new replicas have been updated...", False
    if total > updated:
        return f"{head}{total - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{head}{available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


@rollout.command("status", short_help="Follow the rollout to its end.")
@click.argument("what", nargs=-1)
@click.option("--watch/--no-watch", "-w", default=True, help="Wait for the end.")
@click.option("--timeout", default="0s", help="Give up after this long (0s: never).")
@api_command
async def status(session: Session, what: tuple[str, ...], watch: bool, timeout: str) -> None:
    """Show what the rollout waits for until it is over; exit status 1 when it fails or the timeout is reached."""
    resource, name, deployment = await _one(session, what)
    try:
        async with asyncio.timeout(seconds(timeout) or None):
            await _follow(session, resource, name, deployment, watch=watch)
    except TimeoutError:
        raise CliError("timed out waiting for the condition") from None


async def _follow(session: Session, resource: Resource, name: str, deployment: JSON, *, watch: bool) -> None:
    path = resource.path(namespace_of(session, resource))
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
            ("fieldSelector", f"metadata.name={name}"),
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
@click.argument("what", nargs=-1)
@api_command
async def restart(session: Session, what: tuple[str, ...]) -> None:
    """Roll out the same template anew."""
    resource, name, deployment = await _one(session, what)
    if deployment["spec"].get("paused"):
        msg = f"{shown(resource, name)} can't restart paused deployment (run rollout resume first)"
        raise CliError(msg)
    now = format_time(dt.datetime.now(dt.UTC))
    patch = {"spec": {"template": {"metadata": {"annotations": {_RESTARTED: now}}}}}
    await call(session, "PATCH", _path(session, resource, name), patch, content_type=STRATEGIC)
    click.echo(f"{shown(resource, name)} restarted")


def _path(session: Session, resource: Resource, name: str) -> str:
    return resource.path(namespace_of(session, resource), name)


@rollout.command("pause", short_help="Hold the rollout.")
@click.argument("what", nargs=-1)
@api_command
async def pause(session: Session, what: tuple[str, ...]) -> None:
    """Changes of the template wait until `rollout resume`."""
    await _set_paused(session, what, paused=True)


@rollout.command("resume", short_help="Go on with a paused rollout.")
@click.argument("what", nargs=-1)
@api_command
async def resume(session: Session, what: tuple[str, ...]) -> None:
    """Go on."""
    await _set_paused(session, what, paused=False)


async def _set_paused(session: Session, what: tuple[str, ...], *, paused: bool) -> None:
    resource, name, deployment = await _one(session, what)
    if bool(deployment["spec"].get("paused")) == paused:
        msg = f"{shown(resource, name)} is already paused" if paused else f"{shown(resource, name)} is not paused"
        raise CliError(msg)
    patch = {"spec": {"paused": True if paused else None}}
    await call(session, "PATCH", _path(session, resource, name), patch, content_type=MERGE)
    click.echo(f"{shown(resource, name)} {'paused' if paused else 'resumed'}")


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
@click.argument("what", nargs=-1)
@click.option("--revision", type=int, default=0, help="Show this revision's template.")
@api_command
async def history(session: Session, what: tuple[str, ...], revision: int) -> None:
    """List the revisions, or show one."""
    resource, name, deployment = await _one(session, what)
    revisions = await _revisions(session, deployment)
    if not revision:
        click.echo(shown(resource, name) + " ")
        rows = [f"{n}\t{_cause(s) or '<none>'}" for n, s in revisions.items()]
        sys.stdout.write(align(["REVISION\tCHANGE-CAUSE", *rows]) + "\n")
        return
    if revision not in revisions:
        msg = f"unable to find the specified revision {revision}; there are {', '.join(map(str, revisions)) or 'none'}"
        raise CliError(msg)
    from podwright.cli.describing.pod import template_lines

    click.echo(f"{shown(resource, name)} with revision #{revision}")
    sys.stdout.write(align(["Pod Template:", *template_lines(revisions[revision]["spec"]["template"], 1)]))


def _cause(obj: JSON) -> str:
    return str((obj["metadata"].get("annotations") or {}).get(_CAUSE, ""))


@rollout.command("undo", short_help="Go back to an earlier revision.")
@click.argument("what", nargs=-1)
@click.option("--to-revision", type=click.IntRange(min=0), default=0, help="Which one (0: the one before).")
@api_command
async def undo(session: Session, what: tuple[str, ...], to_revision: int) -> None:
    """Put an earlier revision's template in place again."""
    resource, name, deployment = await _one(session, what)
    if deployment["spec"].get("paused"):
        msg = f'you cannot rollback a paused deployment; resume it first with "rollout resume {shown(resource, name)}"'
        raise CliError(msg)
    revisions = await _revisions(session, deployment)
    current = int((deployment["metadata"].get("annotations") or {}).get(_REVISION, 0))
    earlier = [n for n in revisions if n != current]
    chosen = to_revision or (earlier[-1] if earlier else 0)
    if chosen not in revisions:
        what_for = f"the specified revision {to_revision}" if to_revision else "last revision"
        msg = f"unable to find {what_for} in history"
        raise CliError(msg)
    target = revisions[chosen]
    template = orjson.loads(orjson.dumps(target["spec"]["template"]))
    (template["metadata"].get("labels") or {}).pop("pod-template-hash", None)
    if chosen == current:
        click.echo(f"{shown(resource, name)} skipped rollback (current template already matches revision {chosen})")
        return
    held = deployment["metadata"].get("annotations") or {}
    annotations = {k: v for k, v in (target["metadata"].get("annotations") or {}).items() if k not in _KEPT}
    annotations |= {k: v for k, v in held.items() if k in _KEPT}
    patch = [
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations},
    ]
    await call(session, "PATCH", _path(session, resource, name), patch, content_type=JSON_PATCH)
    click.echo(f"{shown(resource, name)} rolled back")
