"""Whom a pod displaces: enough, nobody in vain, the least important; and the snapshot is as it was before."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from sched_builders import node_json, pod, pod_json

from podwright.api.labels import Selector
from podwright.scheduler.decide import Decider
from podwright.scheduler.explain import ask_all
from podwright.scheduler.node_info import node_facts
from podwright.scheduler.pod_info import pod_info
from podwright.scheduler.preemption import BudgetFacts, search
from podwright.scheduler.snapshot import Snapshot

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def snapshot_of(**nodes):
    made = Snapshot()
    for name, pods in nodes.items():
        made.set_node(node_facts(node_json(name)))
        for item in pods:
            made.confirm(item)
            assert item.node == name
    return made


def there(name, node, cpu="1", priority=0, started="2026-01-01T00:00:00Z", labels=None, **spec):
    body = pod_json(name, {"cpu": cpu}, nodeName=node, priority=priority, **spec)
    body["metadata"]["labels"] = labels or {}
    body["status"]["startTime"] = started
    return pod_info(body)


def attempt(made, item, budgets=(), leaving=lambda _: False):
    decider = Decider(made)
    return search(item, made, decider, ask_all(decider.question(item), made.nodes), budgets, leaving)


def names(pods):
    return [p.name for p in pods]


HIGH = {"priority": 100}


def test_the_fewest_that_make_room():
    made = snapshot_of(a=[there("x", "a", "2"), there("y", "a", "1"), there("z", "a", "1")])
    best = attempt(made, pod("p", {"cpu": "1"}, **HIGH)).best
    assert (best.node, len(best.victims)) == ("a", 1)


def test_the_least_important_first_then_the_youngest():
    made = snapshot_of(a=[
        there("x", "a", "2", priority=5), there("old", "a", "1", started="2026-01-01T00:00:00Z"),
        there("new", "a", "1", started="2026-01-02T00:00:00Z"),
    ])  # fmt: skip
    assert names(attempt(made, pod("p", {"cpu": "1"}, **HIGH)).best.victims) == ["new"]
    assert names(attempt(made, pod("p", {"cpu": "2"}, **HIGH)).best.victims) == ["old", "new"]


def test_nodes_are_compared_by_budget_then_importance_then_number():
    full = {
        "a": [there("a1", "a", "4", labels={"app": "kept"})],
        "b": [there("b1", "b", "4", priority=7)],
        "c": [there("c1", "c", "2", priority=5), there("c2", "c", "2")],
        "d": [there("d1", "d", "4", priority=5)],
    }
    item = pod("p", {"cpu": "4"}, **HIGH)
    kept = BudgetFacts("ns", Selector.parse("app=kept"), 0, frozenset())
    assert attempt(snapshot_of(**full), item, [kept]).best.node == "d"
    assert attempt(snapshot_of(a=full["a"]), item, [kept]).best.violations == 1
    granted = BudgetFacts("ns", Selector.parse("app=kept"), 0, frozenset(["a1"]))
    assert attempt(snapshot_of(**full), item, [granted]).best.node == "a"


def test_equal_or_more_important_pods_stay():
    made = snapshot_of(a=[there("x", "a", "4", priority=100)])
    found = attempt(made, pod("p", {"cpu": "1"}, **HIGH))
    assert (found.best, found.failures) == (None, {})


def test_not_even_without_all_lower_pods():
    made = snapshot_of(a=[there("x", "a", "2"), there("y", "a", "2", priority=200)])
    found = attempt(made, pod("p", {"cpu": "3"}, **HIGH))
    assert found.best is None
    assert [r.reason for r in found.failures["a"]] == ["Insufficient cpu"]


def test_pods_that_leave_are_no_victims_but_their_room_counts():
    made = snapshot_of(a=[there("x", "a", "3"), there("y", "a", "1")])
    best = attempt(made, pod("p", {"cpu": "3"}, **HIGH), leaving=lambda p: p.name == "x").best
    assert best.victims == ()


def test_room_that_is_held_for_less_important_pods_is_taken():
    made = snapshot_of(a=[])
    made.hold(pod("waiting", {"cpu": "4"}, priority=1), "a")
    best = attempt(made, pod("p", {"cpu": "3"}, **HIGH)).best
    assert (best.victims, names(best.dropped)) == ((), ["waiting"])


def test_who_keeps_others_away_is_displaced():
    term = {"topologyKey": "host", "labelSelector": {"matchLabels": {"app": "p"}}}
    made = Snapshot()
    made.set_node(node_facts(node_json("a", labels={"host": "a"})))
    made.confirm(there("loner", "a", affinity={"podAntiAffinity": {REQUIRED: [term]}}))
    made.confirm(there("other", "a"))
    body = pod_json("p", {"cpu": "1"}, priority=100)
    body["metadata"]["labels"] = {"app": "p"}
    assert names(attempt(made, pod_info(body)).best.victims) == ["loner"]


def account(made):
    return {
        n.facts.name: (n.used_cpu, n.free_pods, sorted(n.pods), sorted(map(str, n.ports))) for n in made.nodes.values()
    } | {"companies": dict(made.companies), "priority": made.lowest_priority}


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 32))
def test_against_a_plain_calculation(seed):
    dice = Random(seed)
    made, items = Snapshot(), []
    for name in ("a", "b", "c"):
        made.set_node(node_facts(node_json(name, cpu="4", pods=dice.choice(["3", "10"]))))
        left = 4000
        while left > 0 and dice.random() < 0.9 and made.nodes[name].free_pods > 0:
            cpu = min(left, dice.choice([500, 1000, 2000]))
            left -= cpu
            item = there(
                f"p{len(items)}",
                name,
                f"{cpu}m",
                dice.choice([0, 0, 1, 5, 9]),
                f"2026-01-0{dice.randint(1, 3)}T00:00:00Z",
            )
            items.append(item)
            made.confirm(item)
    asked = pod("asked", {"cpu": f"{dice.choice([500, 1000, 2000, 4000])}m"}, priority=dice.choice([1, 5, 8]))
    if Decider(made).place(asked) is not None:
        return
    before = account(made)
    found = attempt(made, asked)
    assert account(made) == before

    def plan(name):
        node = made.nodes[name]
        mine = [p for p in items if p.node == name]
        order = sorted((p for p in mine if p.priority < asked.priority), key=lambda p: (-p.priority, p.started, p.key))
        stay = [p for p in mine if p.priority >= asked.priority]

        def fits(pods):
            used = sum(p.requests.cpu for p in pods)
            return used + asked.requests.cpu <= node.facts.cpu and len(pods) < node.facts.pods

        if not order or not fits(stay):
            return None
        gone = []
        for p in order:
            if fits([*stay, p]):
                stay.append(p)
            else:
                gone.append(p)
        first = min(p.started for p in gone if p.priority == gone[0].priority)
        return (gone[0].priority, sum(p.priority + (1 << 31) for p in gone), len(gone)), first, names(gone)

    plans = {name: made_plan for name in made.nodes if (made_plan := plan(name))}
    if not plans:
        assert found.best is None
        return
    least = min(cost for cost, _, _ in plans.values())
    latest = max(first for cost, first, _ in plans.values() if cost == least)
    best = next(name for name, (cost, first, _) in plans.items() if (cost, first) == (least, latest))
    assert (found.best.node, names(found.best.victims)) == (best, plans[best][2])
