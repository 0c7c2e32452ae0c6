"""The flow schemas and priority levels every cluster has: written at start, the mandatory ones with a fixed spec.

Clients list them and monitoring counts on their names. They are data alone; how requests are limited is decided
in `apiserver/fairness`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

JSON = dict[str, Any]

AUTO_UPDATE: Final = "apf.kubernetes.io/autoupdate-spec"
_ALL: Final = ["*"]
_EVERYONE: Final = ("system:unauthenticated", "system:authenticated")
_MANAGER, _SCHEDULER = "system:kube-controller-manager", "system:kube-scheduler"
_SYSTEM_ACCOUNTS: Final[JSON] = {
    "kind": "ServiceAccount", "serviceAccount": {"namespace": "kube-system", "name": "*"},
}  # fmt: skip


def _groups(*names: str) -> list[JSON]:
    return [{"kind": "Group", "group": {"name": name}} for name in names]


def _users(*names: str) -> list[JSON]:
    return [{"kind": "User", "user": {"name": name}} for name in names]


def _resources(verbs: list[str], group: str, *names: str, cluster: bool = False) -> JSON:
    rule: JSON = {"verbs": verbs, "apiGroups": [group], "resources": list(names)}
    return rule | ({"clusterScope": True} if cluster else {}) | {"namespaces": _ALL}


def _paths(verb: str, *paths: str) -> JSON:
    return {"verbs": [verb], "nonResourceURLs": list(paths)}


def _everything(subjects: list[JSON]) -> JSON:
    rule = _resources(_ALL, "*", "*", cluster=True)
    return {"subjects": subjects, "resourceRules": [rule], "nonResourceRules": [_paths("*", "*")]}


def _schema(level: str, precedence: int, flows: str, *rules: JSON) -> JSON:
    spec: JSON = {"priorityLevelConfiguration": {"name": level}, "matchingPrecedence": precedence}
    return spec | ({"distinguisherMethod": {"type": flows}} if flows else {}) | {"rules": list(rules)}


def _limited(shares: int, lendable: int, queues: int = 0, hand: int = 0) -> JSON:
    response: JSON = {"type": "Reject"}
    if queues:
        response = {"type": "Queue", "queuing": {"queues": queues, "handSize": hand, "queueLengthLimit": 50}}
    limited = {"nominalConcurrencyShares": shares, "limitResponse": response, "lendablePercent": lendable}
    return {"type": "Limited", "limited": limited}


MANDATORY_LEVELS: Final[Mapping[str, JSON]] = {
    "catch-all": _limited(5, 0),
    "exempt": {"type": "Exempt", "exempt": {"nominalConcurrencyShares": 0, "lendablePercent": 0}},
}
MANDATORY_SCHEMAS: Final[Mapping[str, JSON]] = {
    "catch-all": _schema("catch-all", 10000, "ByUser", _everything(_groups(*_EVERYONE))),
    "exempt": _schema("exempt", 1, "", _everything(_groups("system:masters"))),
}
LEVELS: Final[Mapping[str, JSON]] = {
    **MANDATORY_LEVELS,
    "global-default": _limited(20, 50, 128, 6),
    "leader-election": _limited(10, 0, 16, 4),
    "node-high": _limited(40, 25, 64, 6),
    "system": _limited(30, 33, 64, 6),
    "workload-high": _limited(40, 50, 128, 6),
    "workload-low": _limited(100, 90, 128, 6),
}
SCHEMAS: Final[Mapping[str, JSON]] = {
    **MANDATORY_SCHEMAS,
    "global-default": _schema("global-default", 9900, "ByUser", _everything(_groups(*_EVERYONE))),
    "kube-controller-manager": _schema("workload-high", 800, "ByNamespace", _everything(_users(_MANAGER))),
    "kube-scheduler": _schema("workload-high", 800, "ByNamespace", _everything(_users(_SCHEDULER))),
    "kube-system-service-accounts": _schema("workload-high", 900, "ByNamespace", _everything([_SYSTEM_ACCOUNTS])),
    "probes": _schema(
        "exempt",
        2,
        "",
        {"subjects": _groups(*_EVERYONE), "nonResourceRules": [_paths("get", "/healthz", "/readyz", "/livez")]},
    ),
    "service-accounts": _schema("workload-low", 9000, "ByUser", _everything(_groups("system:serviceaccounts"))),
    "system-leader-election": _schema(
        "leader-election",
        100,
        "ByUser",
        {
            "subjects": [*_users(_MANAGER, _SCHEDULER), _SYSTEM_ACCOUNTS],
            "resourceRules": [_resources(["get", "create", "update"], "coordination.k8s.io", "leases")],
        },
    ),
    "system-node-high": _schema(
        "node-high",
        400,
        "ByUser",
        {
            "subjects": _groups("system:nodes"),
            "resourceRules": [
                _resources(_ALL, "", "nodes", "nodes/status", cluster=True),
                _resources(_ALL, "coordination.k8s.io", "leases"),
            ],
        },
    ),
    "system-nodes": _schema("system", 500, "ByUser", _everything(_groups("system:nodes"))),
}
