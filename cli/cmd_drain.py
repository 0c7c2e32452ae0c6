"""`pw drain`: empty a node before it is worked on: no new pods, and its pods are asked to leave."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.cli.cmd_cordon import mark
from podwright.cli.cmd_delete import Victim, gone
from podwright.cli.cmd_logs import seconds
from podwright.cli.errors import CliError
from podwright.cli.parameters import NODES
from podwright.cli.requests import call
from podwright.cli.session import Session, api_command
from podwright.client.tasks import TaskGroup

JSON = dict[str, Any]
POD = find("pods")
_AGAIN_SECONDS = 2.0  # a refused eviction (a disruption budget) is tried again after this long


@click.command("drain")
@NODES
@click.option("--force", is_flag=True, help="Also pods that nothing will replace.")
@click.option("--ignore-daemonsets", is_flag=True, help="Leave pods of DaemonSets; they belong to the node.")
@click.option("--delete-emptydir-data", is_flag=True, help="Also pods with emptyDir volumes, whose data is lost.")
@click.option("--grace-period", type=int, default=-1, help="Seconds a pod has to end by itself; -1: its own.")
@click.option("--timeout", default="0s", help="Give up after this long (0s: never).")
@api_command
async def drain(
    session: Session,
    nodes: tuple[str, ...],
    force: bool,
    ignore_daemonsets: bool,
    delete_emptydir_data: bool,
    grace_period: int,
    timeout: str,
) -> None:
    """Cordon nodes, then evict their pods and wait until they are gone."""
    allowed = {"unmanaged": force, "daemonset": ignore_daemonsets, "emptydir": delete_emptydir_data}
    await mark(session, nodes, "cordoned", unschedulable=True)
    for node in nodes:
        query = [("fieldSelector", f"spec.nodeName={node}")]
        pods: list[JSON] = (await call(session, "GET", POD.path(), query=query))["items"]
        leaving = to_evict(node, pods, allowed)
        try:
            async with asyncio.timeout(seconds(timeout) or None), TaskGroup() as tasks:
                for pod in leaving:
                    tasks.create_task(_evict(session, pod, grace_period))
        except TimeoutError:
            raise CliError(f"node {node} is not empty after {timeout}; it stays cordoned") from None
        except ExceptionGroup as e:
            raise e.exceptions[0] from e
        click.echo(f"node/{node} drained")


def to_evict(node: str, pods: list[JSON], allowed: dict[str, bool]) -> list[JSON]:
    """The pods that have to leave. Raises CliError naming those that are not allowed to, and what allows it."""
    leaving: list[JSON] = []
    kept: dict[str, list[str]] = {}
    for pod in pods:
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        ended = (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}
        owner = next((o for o in pod["metadata"].get("ownerReferences") or () if o.get("controller")), None)
        if owner and owner["kind"] == "DaemonSet":
            if not allowed["daemonset"]:
                kept.setdefault("daemonset", []).append(name)
            continue
        if not owner and not ended and not allowed["unmanaged"]:
            kept.setdefault("unmanaged", []).append(name)
        volumes = (pod.get("spec") or {}).get("volumes") or ()
        if not ended and any("emptyDir" in v for v in volumes) and not allowed["emptydir"]:
            kept.setdefault("emptydir", []).append(name)
        leaving.append(pod)
    if kept:
        reasons = "\n".join(f"  {_WHY[why]}: {', '.join(names)}" for why, names in kept.items())
        msg = f"cannot drain node {node}, it stays cordoned:\n{reasons}"
        raise CliError(msg)
    return leaving


_WHY = {
    "unmanaged": "nothing would replace these pods (--force)",
    "daemonset": "these pods belong to the node (--ignore-daemonsets)",
    "emptydir": "these pods' emptyDir volumes would be lost (--delete-emptydir-data)",
}


async def _evict(session: Session, pod: JSON, grace_period: int) -> None:
    metadata = pod["metadata"]
    options: JSON = {"preconditions": {"uid": metadata["uid"]}}
    if grace_period >= 0:
        options["gracePeriodSeconds"] = grace_period
    name, namespace = metadata["name"], metadata["namespace"]
    identity = {"name": name, "namespace": namespace}
    body: JSON = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": identity, "deleteOptions": options}
    click.echo(f"evicting pod {namespace}/{name}")
    while True:
        try:
            await call(session, "POST", POD.path(namespace, name, "eviction"), body)
            break
        except ApiError as e:
            if e.code in {404, 409}:  # gone, or another pod has its name
                break
            if e.code != 429:
                raise
            click.echo(f"error when evicting pod {namespace}/{name}, trying again: {e.message}", err=True)
            await asyncio.sleep(_AGAIN_SECONDS)
    await gone(session, Victim(POD, namespace, name), metadata["uid"])
    click.echo(f"pod/{name} evicted")
