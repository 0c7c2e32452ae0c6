"""`pw describe`: everything about an object that helps to understand it, related objects and events included."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import click

from podwright.api.errors import ApiError
from podwright.api.resources import Resource, find
from podwright.cli import errors
from podwright.cli.describing import node, pod, policy, small, workloads
from podwright.cli.naming import Target, resolve
from podwright.cli.parameters import filename, what
from podwright.cli.requests import call, exists, namespace_of
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]
_HASH = "pod-template-hash"


@click.command("describe")
@what()
@filename("What these manifests name.")
@click.option("-A", "--all-namespaces", is_flag=True, help="In all namespaces.")
@click.option("-l", "--selector", default="", help="Only objects with these labels.")
@click.option("--show-events/--no-events", default=True, help="With the events about it.")
@api_command
async def describe(
    session: Session,
    what: tuple[str, ...],
    filename: tuple[str, ...],
    all_namespaces: bool,
    selector: str,
    show_events: bool,
) -> None:
    """TYPE, TYPE NAME..., TYPE/NAME... A name may also be the beginning of one."""
    if filename:
        from podwright.cli import manifests

        targets = await manifests.targets(session, filename)
    else:
        targets = await resolve(session.transport, what)
    pages: list[str] = []
    failed = 0
    for target in targets:
        place = target.seen_from(session)
        try:
            objects = await _objects(place, target, selector, all_namespaces=all_namespaces)
        except ApiError as e:
            click.echo(errors.text(e), err=True)
            failed += 1
            continue
        for item in objects:
            obj = {"apiVersion": target.resource.api_version, "kind": target.resource.kind, **item}
            found = await _events(place, obj) if show_events else []
            pages.append(await _page(place, target.resource, obj, found))
    sys.stdout.write("\n\n".join(pages))
    if failed:
        sys.exit(1)
    if not pages:
        click.echo(f"No resources found in {session.namespace} namespace.", err=True)


async def _objects(session: Session, target: Target, selector: str, *, all_namespaces: bool) -> list[JSON]:
    resource = target.resource
    base = resource.path(None if all_namespaces else namespace_of(session, resource))
    if not target.names:
        query = [("labelSelector", selector)] if selector else []
        return (await call(session, "GET", base, query=query))["items"]
    objects: list[JSON] = []
    for name in target.names:
        exact = await exists(session, f"{base}/{name}")
        if exact is not None:
            objects.append(exact)
            continue
        every: list[JSON] = (await call(session, "GET", base))["items"]
        begin = [o for o in every if o["metadata"]["name"].startswith(name)]
        if not begin:
            raise ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found')
        objects += begin
    return objects


async def _events(session: Session, obj: JSON) -> list[JSON]:
    metadata = obj["metadata"]
    query = [("fieldSelector", f"involvedObject.name={metadata['name']},involvedObject.kind={obj['kind']}")]
    namespace = metadata.get("namespace")
    found: list[JSON] = (await call(session, "GET", find("events").path(namespace), query=query))["items"]
    return [e for e in found if e["involvedObject"].get("uid") in {metadata["uid"], metadata["name"], None, ""}]


async def _page(session: Session, resource: Resource, obj: JSON, found: list[JSON]) -> str:
    now = dt.datetime.now(dt.UTC)
    describer = _DESCRIBERS.get(resource.qualified)
    if describer:
        return await describer(session, obj, found, now)
    return _SMALL.get(resource.qualified, small.generic)(obj, found, now)


async def _related(
    session: Session, resource: Resource, namespace: str | None, query: list[tuple[str, str]]
) -> list[JSON]:
    return (await call(session, "GET", resource.path(namespace), query=query))["items"]


def _owned(objects: list[JSON], owner: JSON) -> list[JSON]:
    uid = owner["metadata"]["uid"]
    return [o for o in objects if any(r["uid"] == uid for r in o["metadata"].get("ownerReferences") or ())]


async def _pod(_session: Session, obj: JSON, found: list[JSON], now: dt.datetime) -> str:
    return pod.describe(obj, found, now)


async def _deployment(session: Session, obj: JSON, found: list[JSON], now: dt.datetime) -> str:
    sets = await _related(session, find("replicasets", "apps"), obj["metadata"]["namespace"], _labels(obj))
    return workloads.deployment(obj, found, now, _owned(sets, obj))


async def _replica_set(session: Session, obj: JSON, found: list[JSON], now: dt.datetime) -> str:
    pods = await _related(session, find("pods"), obj["metadata"]["namespace"], _labels(obj))
    return workloads.replica_set(obj, found, now, _owned(pods, obj))


def _labels(obj: JSON) -> list[tuple[str, str]]:
    labels: Mapping[str, str] = obj["spec"]["selector"].get("matchLabels") or {}
    return [("labelSelector", ",".join(f"{k}={v}" for k, v in labels.items() if k != _HASH))]


async def _service(session: Session, obj: JSON, found: list[JSON], now: dt.datetime) -> str:
    query = [("labelSelector", f"kubernetes.io/service-name={obj['metadata']['name']}")]
    resource = find("endpointslices", "discovery.k8s.io")
    return workloads.service(obj, found, now, await _related(session, resource, obj["metadata"]["namespace"], query))


async def _namespace(session: Session, obj: JSON, _found: list[JSON], _now: dt.datetime) -> str:
    name = obj["metadata"]["name"]
    quotas, ranges = [await _related(session, find(kind), name, []) for kind in ("resourcequotas", "limitranges")]
    return policy.namespace(obj, quotas, ranges)


async def _node(session: Session, obj: JSON, found: list[JSON], now: dt.datetime) -> str:
    name = obj["metadata"]["name"]
    lease = await exists(session, find("leases", "coordination.k8s.io").path("kube-node-lease", name))
    pods = await _related(session, find("pods"), None, [("fieldSelector", f"spec.nodeName={name}")])
    return node.describe(obj, found, now, lease, pods)


_DESCRIBERS: Mapping[str, Callable[[Session, JSON, list[JSON], dt.datetime], Awaitable[str]]] = {
    "pods": _pod,
    "deployments.apps": _deployment,
    "replicasets.apps": _replica_set,
    "services": _service,
    "namespaces": _namespace,
    "nodes": _node,
}
_SMALL: Mapping[str, Callable[[JSON, list[JSON], dt.datetime], str]] = {
    "configmaps": small.config_map,
    "secrets": small.secret,
    "serviceaccounts": small.service_account,
    "limitranges": policy.limit_range,
    "poddisruptionbudgets.policy": policy.budget,
    "priorityclasses.scheduling.k8s.io": policy.priority_class,
    "resourcequotas": policy.quota,
}
