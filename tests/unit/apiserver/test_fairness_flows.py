"""Which flow a request belongs to: rules, hands of queues, and what of the objects counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.fairness.flows import Flows
from podwright.apiserver.fairness.levels import plan_of
from podwright.apiserver.fairness.matching import rules_of
from podwright.apiserver.fairness.seats import Seats
from podwright.apiserver.fairness.shuffling import deal, hand_of
from podwright.apiserver.routes import resolve
from podwright.apiserver.strategies.flowcontrol.mandatory import LEVELS, SCHEMAS
from podwright.apiserver.user import AUTHENTICATED, User

JANE = User("jane", groups=("devs", AUTHENTICATED))
ROBOT = User("system:serviceaccount:a:b", groups=("system:serviceaccounts", AUTHENTICATED))


def subject(kind, **content):
    return {"kind": kind, kind[0].lower() + kind[1:]: content}


def resources(*names, verbs=("*",), groups=("*",), namespaces=("*",), cluster=False):
    return {
        "verbs": [*verbs],
        "apiGroups": [*groups],
        "resources": [*names],
        "namespaces": [*namespaces],
        "clusterScope": cluster,
    }


def matches(user, method, path, subjects, *, rules=(), paths=()):
    spec = {"rules": [{"subjects": subjects, "resourceRules": [*rules], "nonResourceRules": [*paths]}]}
    return rules_of(spec)(user, resolve(method, path))


@pytest.mark.parametrize(
    ("user", "who", "found"),
    [
        (JANE, subject("User", name="jane"), True),
        (JANE, subject("User", name="*"), True),
        (JANE, subject("User", name="jan"), False),
        (JANE, subject("Group", name="devs"), True),
        (JANE, subject("Group", name="*"), True),
        (JANE, subject("Group", name="ops"), False),
        (ROBOT, subject("ServiceAccount", namespace="a", name="b"), True),
        (ROBOT, subject("ServiceAccount", namespace="a", name="*"), True),
        (ROBOT, subject("ServiceAccount", namespace="a", name="c"), False),
        (ROBOT, subject("ServiceAccount", namespace="ab", name="*"), False),
        (JANE, subject("ServiceAccount", namespace="a", name="*"), False),
    ],
)
def test_subjects(user, who, found):
    assert matches(user, "GET", "/api/v1/pods", [who], rules=[resources("*", cluster=True)]) is found


@pytest.mark.parametrize(
    ("method", "path", "rule", "found"),
    [
        ("GET", "/api/v1/namespaces/a/pods/x", resources("pods"), True),
        ("GET", "/api/v1/namespaces/a/pods/x/log", resources("pods"), False),
        ("GET", "/api/v1/namespaces/a/pods/x/log", resources("pods/log"), True),
        ("GET", "/api/v1/namespaces/a/pods/x", resources("pods", verbs=["list"]), False),
        ("GET", "/api/v1/namespaces/a/pods", resources("pods", verbs=["list"]), True),
        ("GET", "/api/v1/namespaces/a/pods", resources("pods", groups=["apps"]), False),
        ("GET", "/api/v1/namespaces/a/pods", resources("pods", namespaces=["b"]), False),
        ("GET", "/api/v1/pods", resources("pods"), False),
        ("GET", "/api/v1/pods", resources("pods", namespaces=(), cluster=True), True),
        ("GET", "/healthz", resources("*", cluster=True), False),
    ],
)
def test_resource_rules(method, path, rule, found):
    assert matches(JANE, method, path, [subject("User", name="*")], rules=[rule]) is found


@pytest.mark.parametrize(
    ("path", "urls", "found"),
    [
        ("/healthz", ["/healthz"], True),
        ("/healthz/ping", ["/healthz"], False),
        ("/healthz/ping", ["/healthz/*"], True),
        ("/metrics", ["*"], True),
        ("/api/v1/pods", ["*"], False),
    ],
)
def test_path_rules(path, urls, found):
    rule = {"verbs": ["get"], "nonResourceURLs": urls}
    assert matches(JANE, "GET", path, [subject("Group", name=AUTHENTICATED)], paths=[rule]) is found


def objects(specs):
    return [{"metadata": {"name": name, "uid": f"uid-{name}"}, "spec": spec} for name, spec in specs.items()]


def flows_of(levels=LEVELS, schemas=SCHEMAS):
    flows, seats, plan = Flows(), Seats(100), plan_of(objects(levels), objects(schemas))
    seats.configure(plan.levels)
    flows.configure(plan, seats.levels)
    return flows


@pytest.mark.parametrize(
    ("user", "method", "path", "schema", "name"),
    [
        (User("root", groups=("system:masters",)), "GET", "/api/v1/pods", "exempt", ""),
        (JANE, "GET", "/healthz", "probes", ""),
        (JANE, "GET", "/api/v1/pods", "global-default", "jane"),
        (ROBOT, "GET", "/api/v1/pods", "service-accounts", ROBOT.name),
        (
            User("system:kube-scheduler", groups=(AUTHENTICATED,)),
            "GET",
            "/api/v1/namespaces/x/pods",
            "kube-scheduler",
            "x",
        ),
        (
            User("system:node:n", groups=("system:nodes", AUTHENTICATED)),
            "PUT",
            "/api/v1/nodes/n/status",
            "system-node-high",
            "system:node:n",
        ),
        (
            User("system:node:n", groups=("system:nodes", AUTHENTICATED)),
            "GET",
            "/api/v1/pods",
            "system-nodes",
            "system:node:n",
        ),
        (User("nobody"), "GET", "/api/v1/pods", "catch-all", "nobody"),
    ],
)
def test_the_schemas_of_every_cluster(user, method, path, schema, name):
    flow = flows_of().of(user, resolve(method, path))
    assert (flow.schema, flow.name) == (schema, name)
    assert f"x-kubernetes-pf-flowschema-uid: uid-{schema}\r\n".encode() in flow.head


def test_a_schema_without_its_level_is_passed_over_and_mandatory_ones_are_never_missing():
    flows = flows_of({}, {"global-default": SCHEMAS["global-default"]})
    assert flows.of(JANE, resolve("GET", "/api/v1/pods")).schema == "catch-all"


def test_flows_are_remembered_by_everything_that_they_depend_on():
    flows = flows_of()
    first = flows.of(JANE, resolve("GET", "/api/v1/namespaces/a/pods/x"))
    assert flows.of(JANE, resolve("GET", "/api/v1/namespaces/a/pods/y")) is first
    assert (
        flows.of(User("jane", groups=("system:masters",)), resolve("GET", "/api/v1/namespaces/a/pods/x")).schema
        == "exempt"
    )


def test_users_come_and_go_without_a_trace_that_grows():
    flows = flows_of()
    for number in range(10_000):
        flows.of(User(f"u{number}", groups=(AUTHENTICATED,)), resolve("GET", "/api/v1/pods"))
    assert len(flows._flows) <= 4096
    assert len(flows._lanes) <= 4096


@given(st.integers(0, 2**128), st.integers(1, 300), st.integers(1, 12))
def test_a_hand_has_different_cards(number, deck, size):
    hand = deal(number, deck, size)
    assert len(set(hand)) == len(hand) == min(size, deck)
    assert all(0 <= card < deck for card in hand)


def test_hands_are_dealt_evenly():
    dealt = [card for user in range(4000) for card in hand_of("s", f"u{user}", 16, 4)]
    counts = [dealt.count(card) for card in range(16)]
    assert max(counts) < 1.2 * min(counts)


@given(st.integers(0, 10**6))
def test_a_hand_is_what_taking_cards_from_a_pile_gives(number):
    pile, wanted, rest = list(range(20)), [], number
    for left in range(20, 14, -1):
        rest, card = divmod(rest, left)
        wanted.append(pile.pop(card))
    assert deal(number, 20, 6) == tuple(wanted)
