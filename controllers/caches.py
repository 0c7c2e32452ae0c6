"""One watch per resource, shared by all controllers of the process, each keeping only what controllers read.

Pods and Leases become small views, kinds that are only owned or own keep their metadata, the rest stays whole. Every
cached object has `.meta`. Nothing in a cache may be changed.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.resources import RESOURCES, Resource
from podwright.client.client import Client
from podwright.client.clock import Clock
from podwright.client.informer import Indexer, Informer
from podwright.client.tasks import TaskGroup
from podwright.controllers.bootstrap.signing import NAME as CLUSTER_INFO
from podwright.controllers.bootstrap.tokens import is_token
from podwright.controllers.custom_kinds import CustomKinds
from podwright.controllers.job_work import FINALIZER
from podwright.controllers.lease_view import LeaseView, lease_view
from podwright.controllers.meta import Bare, Whole, bare, whole
from podwright.controllers.namespace_defaults import ROOT_CA
from podwright.controllers.ownership import HasMeta
from podwright.controllers.pod_view import PodView, pod_view
from podwright.controllers.resources import (
    CLUSTER_ROLES,
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    CRON_JOBS,
    DAEMON_SETS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    ENDPOINT_SLICES,
    ENDPOINTS,
    FLOW_SCHEMAS,
    JOBS,
    LEASES,
    NAMESPACES,
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    SECRETS,
    SERVICE_ACCOUNTS,
    SERVICES,
    SIGNING_REQUESTS,
    STATEFUL_SETS,
    VALIDATING_POLICIES,
)

JSON = dict[str, Any]

OWNER: Final = "owner"  # index: uid of the controller, or orphans_of(namespace)
NAMESPACE: Final = "namespace"  # index: namespace
NODE: Final = "node"  # index of pods: node name
FINISHED: Final = "finished"  # index of pods: "yes"
TRACKED: Final = "tracked"  # index of pods: namespace/name of the Job that tracks them
TOKENS: Final = "tokens"  # index of Secrets that nodes join with: namespace
SERVICE: Final = "service"  # index of EndpointSlices: uid of the Service or Endpoints that own them

_IGNORED: Final = frozenset({"events", "events.events.k8s.io"})  # nobody owns them, they own nothing


def orphans_of(namespace: str) -> str:
    """Return the value under which index OWNER holds a namespace's objects without a controller."""
    return f"orphans of {namespace}"


class Caches:
    """The informers. Start `run()` as a task, then wait for `synced()`."""

    def __init__(self, client: Client, clock: Clock) -> None:
        def whole_of(resource: Resource, **indexers: Indexer[Whole]) -> Informer[Whole]:
            return Informer(client, resource, decode=whole, indexers=indexers, clock=clock)

        self.pods: Informer[PodView] = Informer(
            client, PODS, decode=pod_view, clock=clock,
            indexers={OWNER: _owner, NAMESPACE: _namespace, NODE: _node, FINISHED: _finished, TRACKED: _tracked},
        )  # fmt: skip
        self.deployments = whole_of(DEPLOYMENTS, **{NAMESPACE: _namespace})
        self.replica_sets = whole_of(REPLICA_SETS, **{OWNER: _owner, NAMESPACE: _namespace})
        self.replication_controllers = whole_of(REPLICATION_CONTROLLERS, **{NAMESPACE: _namespace})
        self.daemon_sets = whole_of(DAEMON_SETS, **{NAMESPACE: _namespace})
        self.stateful_sets = whole_of(STATEFUL_SETS, **{NAMESPACE: _namespace})
        self.controller_revisions = whole_of(CONTROLLER_REVISIONS, **{OWNER: _owner})
        self.cron_jobs = whole_of(CRON_JOBS)
        self.jobs = whole_of(JOBS, **{OWNER: _owner, NAMESPACE: _namespace})
        self.disruption_budgets = whole_of(DISRUPTION_BUDGETS, **{NAMESPACE: _namespace})
        self.services = whole_of(SERVICES, **{NAMESPACE: _namespace})
        self.endpoint_slices = whole_of(ENDPOINT_SLICES, **{SERVICE: _owner})
        self.endpoints = whole_of(ENDPOINTS)
        self.flow_schemas = whole_of(FLOW_SCHEMAS)
        self.cluster_roles = whole_of(CLUSTER_ROLES)
        self.validating_policies = whole_of(VALIDATING_POLICIES)
        self.nodes = whole_of(NODES)
        self.volumes = whole_of(PERSISTENT_VOLUMES)
        self.claims: Informer[Bare] = Informer(client, PERSISTENT_VOLUME_CLAIMS, decode=bare, clock=clock)
        self.namespaces = whole_of(NAMESPACES)
        self.signing_requests = whole_of(SIGNING_REQUESTS)
        self.leases: Informer[LeaseView] = Informer(client, LEASES, decode=lease_view, clock=clock)
        self.config_maps: Informer[Whole | Bare] = Informer(client, CONFIG_MAPS, decode=_config_map, clock=clock)
        self.secrets: Informer[Whole | Bare] = Informer(
            client, SECRETS, decode=_secret, clock=clock, indexers={TOKENS: _token}
        )
        self.service_accounts: Informer[Bare] = Informer(client, SERVICE_ACCOUNTS, decode=bare, clock=clock)
        self.custom = CustomKinds(client, clock)
        named: tuple[Informer[Any], ...] = (
            self.pods, self.deployments, self.replica_sets, self.services, self.endpoint_slices,
            self.endpoints, self.nodes, self.namespaces, self.leases, self.disruption_budgets,
            self.flow_schemas, self.cluster_roles, self.config_maps, self.service_accounts, self.volumes, self.claims,
            self.replication_controllers, self.cron_jobs, self.jobs, self.custom.definitions, self.signing_requests,
            self.daemon_sets, self.stateful_sets, self.controller_revisions, self.secrets,
            self.validating_policies,
        )  # fmt: skip
        self.all: dict[str, Informer[Any]] = {informer.resource.qualified: informer for informer in named}
        for row in RESOURCES:
            if row.qualified not in self.all and "watch" in row.verbs and row.qualified not in _IGNORED:
                self.all[row.qualified] = Informer(client, row, decode=bare, clock=clock)

    async def run(self) -> None:
        """Keep all copies up to date until cancelled."""
        async with TaskGroup() as group:
            group.create_task(self.custom.run(), name="custom kinds")
            for name, informer in self.all.items():
                group.create_task(informer.run(), name=f"informer {name}")

    async def synced(self) -> None:
        """Wait until every copy is complete."""
        for informer in self.all.values():
            await informer.synced()


def _owner(item: HasMeta) -> tuple[str]:
    controller = item.meta.controller
    return (controller.uid if controller is not None else orphans_of(item.meta.namespace),)


def _namespace(item: HasMeta) -> tuple[str]:
    return (item.meta.namespace,)


def _node(pod: PodView) -> tuple[str, ...]:
    return (pod.node,) if pod.node else ()


def _finished(pod: PodView) -> tuple[str, ...]:
    return ("yes",) if pod.finished else ()


def _tracked(pod: PodView) -> tuple[str, ...]:
    owner = pod.meta.controller
    if owner is None or owner.kind != "Job" or FINALIZER not in pod.meta.finalizers:
        return ()
    return (f"{pod.meta.namespace}/{owner.name}",)


def _config_map(body: JSON) -> Whole | Bare:
    return whole(body) if body["metadata"]["name"] in {ROOT_CA, CLUSTER_INFO} else bare(body)


def _secret(body: JSON) -> Whole | Bare:
    return whole(body) if is_token(body) else bare(body)


def _token(secret: Whole | Bare) -> tuple[str, ...]:
    return (secret.meta.namespace,) if isinstance(secret, Whole) else ()
