"""Affinity, anti-affinity and spread, decided by counts that follow changes, as by looking at everything each time."""

from __future__ import annotations

import copy
from random import Random

import company_oracle as oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from sched_builders import node_json, pod_json

from podwright.scheduler.decide import Decider
from podwright.scheduler.domains import Domains
from podwright.scheduler.filters.table import refusals
from podwright.scheduler.node_info import node_facts
from podwright.scheduler.pod_info import pod_info
from podwright.scheduler.question import Question
from podwright.scheduler.scores.most_allocated import cpu_share, memory_share
from podwright.scheduler.scores.total import preference, tie, weigh
from podwright.scheduler.snapshot import Snapshot
from podwright.scheduler.standing import Standings

SEED = 3
KEYS = ("zone", "host", "rack")
SELECTORS = (
    {"matchLabels": {"app": "a"}}, {"matchLabels": {"app": "b"}}, {"matchLabels": {"app": "a"}}, {}, None,
    {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
)  # fmt: skip
TAINTS = ((), (), ({"key": "k", "effect": "PreferNoSchedule"},), ({"key": "k", "effect": "NoSchedule"},))


class Dice:
    """Dense random steps: hypothesis alone prefers small games, in which pods seldom meet."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.one = self.random.choice

    def often(self):
        return self.random.random() < 0.5

    def seldom(self):
        return self.random.random() < 0.15

    def some(self, make, most=2):
        return [make() for _ in range(self.one(range(1, most + 1)))]

    def node(self, name=None):
        name = name or f"n{self.one(range(7))}"
        found = {"host": name, "zone": self.one(("z1", "z2")), "rack": self.one(("r1", "r2", "r3"))}
        if self.seldom():
            del found[self.one(KEYS)]
        return ("node", node_json(name, labels=found, taints=self.one(TAINTS), cpu="3"))

    def labels(self):
        return {"app": self.one("ab"), **({"tier": "x"} if self.seldom() else {})}

    def term(self):
        found = {"topologyKey": self.one(KEYS), "labelSelector": self.one(SELECTORS)}
        if self.seldom():
            found["namespaces"] = self.one((["other"], ["ns", "other"]))
        if self.seldom():
            found["namespaceSelector"] = self.one(({}, {"matchLabels": {"team": "t"}}, {"matchLabels": {"team": "t"}}))
        return found

    def weighted(self):
        return {"weight": self.one((1, 7, 100)), "podAffinityTerm": self.term()}

    def affinity(self):
        kinds = [k for k in ("podAffinity", "podAntiAffinity") if self.often()]
        found = {kind: {} for kind in kinds}
        for asks in found.values():
            if self.often():
                asks[oracle.REQUIRED] = self.some(self.term)
            if self.often():
                asks[oracle.PREFERRED] = self.some(self.weighted)
        return found

    def constraint(self):
        found = {
            "topologyKey": self.one(KEYS), "labelSelector": self.one(SELECTORS), "maxSkew": self.one((1, 1, 2)),
            "whenUnsatisfiable": self.one(("DoNotSchedule", "ScheduleAnyway")),
        }  # fmt: skip
        if self.seldom():
            found["minDomains"] = self.one((2, 3, 4))
        if self.seldom():
            found["nodeAffinityPolicy"] = self.one(("Honor", "Ignore"))
        if self.often():
            found["nodeTaintsPolicy"] = self.one(("Honor", "Ignore"))
        return found

    def spec(self):
        found = {}
        if self.often():
            found["affinity"] = self.affinity()
        if self.often():
            found["topologySpreadConstraints"] = self.some(self.constraint, 3)
        if self.seldom():
            found["nodeSelector"] = {"zone": "z1"}
        if self.seldom():
            found["tolerations"] = [{"operator": "Exists"}]
        return found

    def step(self):
        roll = self.one(range(20))
        if roll < 7:
            return ("place", self.one(("ns", "ns", "other")), self.labels(), self.spec(), self.one(("0", "250m", "1")))
        if roll < 14:
            return ("again", self.one(range(50)))
        return {
            14: self.node, 15: lambda: ("lose", f"n{self.one(range(7))}"), 16: lambda: ("free", self.one(range(50))),
            17: lambda: ("relabel", self.one(range(50)), self.labels()), 18: lambda: ("leave", self.one(range(50))),
            19: lambda: ("space", self.one(("ns", "other")), self.one((None, {}, {"team": "t"}))),
        }[roll]()  # fmt: skip

    def game(self):
        yield from (self.node(f"n{i}") for i in range(5))
        yield from (self.step() for _ in range(50))


class Play:
    """The scheduler's parts and the oracle's world, side by side."""

    def __init__(self):
        self.snapshot, self.world = Snapshot(), oracle.World()
        self.decider = Decider(self.snapshot, SEED)
        self.asked, self.placed = [], 0

    def do(self, step):
        kind, *given_ = step
        getattr(self, kind)(*given_)

    def node(self, body):
        self.snapshot.set_node(node_facts(body))
        self.world.nodes[body["metadata"]["name"]] = body

    def lose(self, name):
        self.snapshot.remove_node(name)
        self.world.nodes.pop(name, None)

    def space(self, name, labels):
        self.snapshot.set_namespace(name, labels)
        self.world.namespaces.pop(name, None)
        if labels is not None:
            self.world.namespaces[name] = labels

    def pick(self, number):
        found = sorted(self.world.pods)
        return found[number % len(found)] if found else None

    def free(self, number):
        key = self.pick(number)
        if key:
            self.snapshot.remove_pod(key)
            del self.world.pods[key]

    def change(self, number, **meta):
        key = self.pick(number)
        if key:
            body, node = self.world.pods[key]
            body = {**body, "metadata": {**body["metadata"], **meta}, "spec": {**body["spec"], "nodeName": node}}
            self.world.pods[key] = (body, node)
            self.snapshot.confirm(pod_info(body))

    def relabel(self, number, labels):
        self.change(number, labels=labels)

    def leave(self, number):
        self.change(number, deletionTimestamp="2026-01-01T00:00:00Z")

    def again(self, number):
        if self.asked:
            self.place(*self.asked[number % len(self.asked)])

    def place(self, space, labels, spec, cpu):
        self.asked.append((space, labels, spec, cpu))
        body = pod_json(f"p{len(self.asked)}", {"cpu": cpu}, **copy.deepcopy(spec))
        body["metadata"] |= {"namespace": space, "labels": labels}
        item = pod_info(body)
        question = self.decider.question(item)
        fitting = {}
        for name, node in self.snapshot.nodes.items():
            found = refusals(question, node)
            if refusals(Question(item), node):
                assert found == refusals(Question(item), node)
                continue
            reason = oracle.refused(self.world, body, self.world.nodes[name])
            assert [r.reason for r in found] == ([reason] if reason else [])
            assert all(r.detail for r in found)
            if not reason:
                fitting[name] = node
        added = oracle.totals(self.world, body, fitting) if fitting else {}

        def rank(name):
            node = fitting[name]
            total = weigh(cpu_share(item, node), preference(item.constraints, node.facts)) + added[name]
            return -total, -memory_share(node), tie(SEED, name), name

        answer = self.decider.place(item)
        assert answer == min(fitting, key=rank, default=None)
        if answer is not None:
            self.snapshot.assume(item, answer)
            self.placed += 1
            self.world.pods[item.key] = (body, answer)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 1 << 32))
def test_counting_answers_as_looking_does(seed):
    play = Play()
    for step in Dice(seed).game():
        play.do(step)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 1 << 32))
def test_so_it_does_with_labels_of_many_nodes_and_tiny_memories(seed):
    few, log, journal, remembered = (
        Standings.FEW_NODES,
        Domains.LOG_LIMIT,
        Snapshot.JOURNAL_LIMIT,
        Decider.REMEMBERED_NODES,
    )
    Standings.FEW_NODES, Domains.LOG_LIMIT, Snapshot.JOURNAL_LIMIT, Decider.REMEMBERED_NODES = 0, 3, 6, 12
    try:
        play = Play()
        for step in Dice(seed).game():
            play.do(step)
    finally:
        Standings.FEW_NODES, Domains.LOG_LIMIT = few, log
        Snapshot.JOURNAL_LIMIT, Decider.REMEMBERED_NODES = journal, remembered
