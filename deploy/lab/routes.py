"""Lets this machine reach the lab's pods: a route to each node's pod range, kept as the Node objects say."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from podwright.api.resources import find
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.informer import Informer
from podwright.client.tasks import TaskGroup
from podwright.deploy.lab.host import HostCommandError
from podwright.deploy.lab.network import LabNetwork, sync_routes

log = logging.getLogger(__name__)
JSON = dict[str, Any]


def pod_ranges(nodes: list[JSON], members: frozenset[str]) -> dict[str, str]:
    """Node address -> pod range, for the lab's own nodes that have both. Pure."""
    found: dict[str, str] = {}
    for node in nodes:
        cidr = (node.get("spec") or {}).get("podCIDR")
        addresses = (node.get("status") or {}).get("addresses") or ()
        address = next((str(a["address"]) for a in addresses if a["type"] == "InternalIP"), "")
        if cidr and address in members:
            found[address] = str(cidr)
    return found


async def follow_routes(lab: LabNetwork, client: Client, clock: Clock) -> None:
    """Keep the routes as the nodes say until cancelled."""
    members = frozenset(lab.subnets.node(index) for index in lab.nodes.values())
    changed = asyncio.Event()
    informer = Informer(client, find("nodes"), decode=lambda data: data, clock=clock)
    informer.add_handler(lambda _key, _old, _new: changed.set())
    async with TaskGroup() as group:
        group.create_task(informer.run(), name="lab nodes")
        await informer.synced()
        held: dict[str, str] | None = None
        while True:
            changed.clear()
            wanted = pod_ranges(list(informer.list()), members)
            if wanted != held:
                try:
                    await asyncio.to_thread(sync_routes, lab, wanted)
                    held = wanted
                except HostCommandError as e:
                    log.warning("Cannot set routes to pods: %s", e)
                    await clock.sleep(1.0)
                    continue
            await changed.wait()
