"""Starts every controller over one set of caches. Start `run` as a task; cancelling it stops everything."""

from __future__ import annotations

from collections.abc import Callable

from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.events import EventRecorder
from podwright.client.tasks import TaskGroup
from podwright.controllers.caches import Caches
from podwright.controllers.config import ControllersConfig
from podwright.controllers.controller import Controller
from podwright.controllers.live import NamespaceReads, OwnerReads
from podwright.controllers.own_writes import Newest
from podwright.controllers.policy_kinds import KindReads
from podwright.controllers.runner import Runner
from podwright.controllers.scales import ScaleReads
from podwright.controllers.wiring import (
    bootstrap,
    certificates,
    clusterroles,
    daemonsets,
    deployments,
    disruption,
    flowschemas,
    garbage,
    jobs,
    namespaces,
    nodes,
    pods,
    policies,
    replicasets,
    services,
    statefulsets,
    storage,
)

Wire = Callable[[Caches, Client, Clock, ControllersConfig], tuple[Controller, ...]]


def controllers(caches: Caches, client: Client, clock: Clock, config: ControllersConfig) -> tuple[Controller, ...]:
    """Return all controllers, wired to the caches."""
    workers = config.workers
    found = (
        namespaces.accounts(caches, workers),
        namespaces.root_ca(caches, config),
        deployments.controller(caches, workers),
        replicasets.controller(caches, workers),
        replicasets.replication_controllers(caches, workers),
        daemonsets.controller(caches, workers),
        statefulsets.controller(caches, workers),
        jobs.cron_jobs(caches, workers),
        jobs.controller(caches, workers),
        jobs.expiry(caches, workers),
        nodes.lifecycle(caches, clock, config),
        nodes.cidrs(caches, config),
        pods.controller(caches, clock, config),
        garbage.controller(caches, OwnerReads(client, caches.custom.rows), workers),
        namespaces.lifecycle(caches, NamespaceReads(client, caches.custom.rows), workers),
        flowschemas.controller(caches, workers),
        clusterroles.controller(caches, workers),
        policies.checking(caches, KindReads(client, caches.custom.rows), workers),
        disruption.stale_targets(caches, workers),
        disruption.controller(caches, ScaleReads(caches, client), workers),
        certificates.approver(caches, client, workers),
        certificates.signer(caches, config),
        certificates.cleaner(caches, workers),
        bootstrap.cleaner(caches, workers),
        bootstrap.signer(caches, workers),
        services.slices(caches, workers),
        services.mirrored(caches, workers),
        services.older(caches, workers),
        storage.claims(caches, workers),
        storage.volumes(caches, workers),
        storage.phases(caches, workers),
    )
    return tuple(controller for controller in found if controller is not None)


def of_the_api(caches: Caches, client: Client, _clock: Clock, config: ControllersConfig) -> tuple[Controller, ...]:
    """Return the controllers that need nothing but the API: no nodes, no scheduler, no other controller."""
    workers = config.workers
    return (
        namespaces.accounts(caches, workers),
        namespaces.root_ca(caches, config),
        garbage.controller(caches, OwnerReads(client, caches.custom.rows), workers),
        namespaces.lifecycle(caches, NamespaceReads(client, caches.custom.rows), workers),
    )


async def run(client: Client, clock: Clock, config: ControllersConfig, *, wire: Wire = controllers) -> None:
    """Run the controllers that `wire` returns until cancelled."""
    caches = Caches(client, clock)
    async with TaskGroup() as group:
        group.create_task(caches.run(), name="controller caches")
        await caches.synced()
        newest = Newest(caches.all)
        for controller in wire(caches, client, clock, config):
            recorder = EventRecorder(client, controller.name, clock)
            runner = Runner(controller, client, clock, caches.all, newest, recorder)
            group.create_task(recorder.run(), name=f"{controller.name} events")
            group.create_task(runner.run(), name=controller.name)
