"""Flow schemas and priority levels: defaults, rules, and the objects every cluster has."""

from __future__ import annotations

import pytest
from strategy_writes import JSON, create, created, edit, update

from podwright.apiserver.strategies.flowcontrol.mandatory import LEVELS, SCHEMAS

GROUP = "flowcontrol.apiserver.k8s.io"
LEVEL, SCHEMA = "prioritylevelconfigurations", "flowschemas"


def schema(**spec: object) -> JSON:
    return {"spec": {"priorityLevelConfiguration": {"name": "x"}, "matchingPrecedence": 9000, **spec}}


def ruled(subject: JSON, **rule: object) -> JSON:
    return schema(rules=[{"subjects": [subject], **rule}])


USER: JSON = {"kind": "User", "user": {"name": "a"}}
EVERY: JSON = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}
RULE = "spec.rules[0]"


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param(ruled(USER, resourceRules=[EVERY]), [], id="good"),
        pytest.param(
            schema(matchingPrecedence=20000),
            ["spec.matchingPrecedence: Invalid value: 20000: must not be greater than 10000"],
            id="precedence",
        ),
        pytest.param(
            schema(matchingPrecedence=1),
            ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
            id="first",
        ),
        pytest.param(
            schema(priorityLevelConfiguration={}),
            ["spec.priorityLevelConfiguration.name: Required value: must reference a priority level"],
            id="no-level",
        ),
        pytest.param(
            schema(rules=[{"subjects": [], "resourceRules": []}]),
            [
                f"{RULE}.subjects: Required value: subjects must contain at least one value",
                f"{RULE}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty",
            ],
            id="empty-rule",
        ),
        pytest.param(
            ruled({"kind": "X"}, nonResourceRules=[{"verbs": ["get"], "nonResourceURLs": ["x"]}]),
            [
                f'{RULE}.subjects[0].kind: Unsupported value: "X": supported values: "Group", "ServiceAccount", "User"',
                f'{RULE}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "x": must start with slash',
            ],
            id="subject",
        ),
        pytest.param(
            ruled(USER | {"group": {"name": "g"}}, resourceRules=[EVERY | {"verbs": ["*", "get"], "namespaces": []}]),
            [
                f"{RULE}.subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
                (
                    f'{RULE}.resourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify '
                    "other verbs"
                ),
                (
                    f"{RULE}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must "
                    "supply at least one namespace"
                ),
            ],
            id="resource-rule",
        ),
        pytest.param(
            schema(distinguisherMethod={"type": "X"}),
            [
                (
                    'spec.distinguisherMethod.type: Unsupported value: {"Type":"X"}: supported values: "ByNamespace", '
                    '"ByUser"'
                )
            ],
            id="method",
        ),
    ],
)
def test_a_schema_says_who_does_what(body: JSON, problems: list[str]) -> None:
    assert create(SCHEMA, body, GROUP).problems == problems


def test_defaults() -> None:
    made = created(SCHEMA, schema(matchingPrecedence=0), GROUP)
    assert (made["spec"]["matchingPrecedence"], made["status"], made["metadata"]["generation"]) == (1000, {}, 1)
    response = {"type": "Queue", "queuing": {"queues": 16}}
    level = created(LEVEL, {"spec": {"type": "Limited", "limited": {"limitResponse": response}}}, GROUP)
    assert level["spec"]["limited"] == {
        "nominalConcurrencyShares": 30,
        "lendablePercent": 0,
        "limitResponse": {"type": "Queue", "queuing": {"queues": 16, "handSize": 8, "queueLengthLimit": 50}},
    }


def level(queues: int, hand: int) -> JSON:
    queuing = {"queues": queues, "handSize": hand, "queueLengthLimit": 50}
    return {"spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Queue", "queuing": queuing}}}}


QUEUING = "spec.limited.limitResponse.queuing"


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param(level(64, 8), [], id="good"),
        pytest.param(
            level(4, 6), [f"{QUEUING}.handSize: Invalid value: 6: should not be greater than queues (4)"], id="hand"
        ),
        pytest.param(
            level(512, 8),
            [
                (
                    f"{QUEUING}.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not "
                    "be greater than 60"
                )
            ],
            id="entropy",
        ),
        pytest.param(
            {"spec": {"type": "Exempt"}},
            ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is 'exempt'"],
            id="exempt",
        ),
        pytest.param(
            {"spec": {"type": "Limited"}},
            ["spec.limited: Required value: must not be empty when type is Limited"],
            id="no-limits",
        ),
        pytest.param(
            {"spec": {"type": "X"}},
            ['spec.type: Unsupported value: "X": supported values: "Exempt", "Limited"'],
            id="type",
        ),
    ],
)
def test_a_level_says_what_becomes_of_requests_beyond_it(body: JSON, problems: list[str]) -> None:
    assert create(LEVEL, body, GROUP).problems == problems


@pytest.mark.parametrize(
    ("plural", "name", "spec"),
    [(SCHEMA, name, spec) for name, spec in SCHEMAS.items()] + [(LEVEL, name, spec) for name, spec in LEVELS.items()],
)
def test_the_objects_of_every_cluster_are_valid_and_complete(plural: str, name: str, spec: JSON) -> None:
    made = created(plural, {"metadata": {"name": name}, "spec": spec}, GROUP)
    assert made["spec"] == spec  # nothing is left to be defaulted: what is written is what is compared with


@pytest.mark.parametrize(
    ("plural", "edits", "shown"),
    [
        pytest.param(
            SCHEMA,
            {"spec.matchingPrecedence": 9999},
            '{"PriorityLevelConfiguration":{"Name":"catch-all"},"MatchingPrecedence":9999,'
            '"DistinguisherMethod":{"Type":"ByUser"},"Rules":[{"Subjects":[{"Kind":"Group","User":null,',
            id="schema",
        ),
        pytest.param(
            LEVEL,
            {"spec.limited.nominalConcurrencyShares": 6},
            '{"Type":"Limited","Limited":{"NominalConcurrencyShares":6,"LimitResponse":{"Type":"Reject","Queuing":null},'
            '"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}',
            id="level",
        ),
    ],
)
def test_the_mandatory_ones_keep_their_spec(plural: str, edits: JSON, shown: str) -> None:
    spec = (SCHEMAS if plural == SCHEMA else LEVELS)["catch-all"]
    old = created(plural, {"metadata": {"name": "catch-all"}, "spec": spec}, GROUP)
    [problem] = update(plural, old, edit(old, edits), GROUP).problems
    assert problem.startswith(f"spec: Invalid value: {shown}")
    assert problem.endswith(": spec of 'catch-all' must equal the fixed value")
