"""Whatever happens: nothing is overcommitted, and no pod waits that could be placed. Time is virtual, chance is seeded."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from random import Random

import pytest
from control_plane import ACCOUNTS, NODES, PODS, ControlPlane, inside

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.scheduler.decide import Decider
from podwright.scheduler.node_info import node_facts
from podwright.scheduler.pod_info import pod_info
from podwright.scheduler.snapshot import Snapshot

pytestmark = pytest.mark.looptime
CLASSES = find("priorityclasses", "scheduling.k8s.io")
HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


@asynccontextmanager
async def cluster():
    """A scheduler, nodes that run and end pods at once, two priority classes."""
    async with ControlPlane() as plane:
        account = {"apiVersion": "v1", "kind": "ServiceAccount"}
        await plane.client.create(ACCOUNTS, {**account, "metadata": {"name": "default", "namespace": "default"}})
        for name, value in (("mid", 10), ("high", 100)):
            body = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}}
            await plane.client.create(CLASSES, {**body, "value": value})
        plane.run(plane.pretend())
        plane.scheduler()
        yield plane


class Chaos:
    def __init__(self, lab, seed):
        self.lab, self.dice, self.count = lab, Random(seed), 0

    def spec(self):
        term = {
            "topologyKey": self.dice.choice([HOST, ZONE]),
            "labelSelector": {"matchLabels": {"app": self.dice.choice("abc")}},
        }
        spread = {
            "topologyKey": ZONE,
            "maxSkew": 1,
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": term["labelSelector"],
        }
        return self.dice.choice([
            {}, {}, {"affinity": {"podAntiAffinity": {REQUIRED: [term]}}}, {"affinity": {"podAffinity": {REQUIRED: [term]}}},
            {"topologySpreadConstraints": [spread]}, {"nodeSelector": {ZONE: "a"}},
        ])  # fmt: skip

    async def pod(self):
        self.count += 1
        priority = self.dice.choice(["", "", "mid", "high"])
        spec = {**self.spec(), **({"priorityClassName": priority} if priority else {})}
        cpu = self.dice.choice(["100m", "500m", "1"])
        await self.lab.pod(f"p{self.count}", cpu=cpu, labels={"app": self.dice.choice("abc")}, **spec)

    async def node(self):
        name = f"n{self.dice.randrange(5)}"
        found = await self.lab.get(NODES, name)
        if found is None:
            await self.lab.node(name, cpu="2")
            labels = {HOST: name, ZONE: self.dice.choice("ab")}
            await self.lab.client.patch(NODES, name, {"metadata": {"labels": labels}})
        elif self.dice.random() < 0.3:
            await self.lab.client.delete(NODES, name)
        else:
            cordoned = not found["spec"].get("unschedulable")
            await self.lab.client.patch(NODES, name, {"spec": {"unschedulable": cordoned or None}})

    async def change(self):
        pods = await self.lab.list(PODS)
        if pods:
            name = self.dice.choice(pods)["metadata"]["name"]
            if self.dice.random() < 0.5:
                await self.lab.client.delete(PODS, name, namespace="default")
            else:
                labels = {"app": self.dice.choice("abc")}
                await self.lab.client.patch(PODS, name, {"metadata": {"labels": labels}}, namespace="default")

    async def run(self, steps):
        for _ in range(4):
            await self.node()
        for _ in range(steps):
            with suppress(ApiError):  # what was chosen is gone, or has changed meanwhile
                await self.dice.choice([self.pod, self.pod, self.pod, self.change, self.node])()
            await asyncio.sleep(self.dice.choice([0, 0, 0.1, 2]))


@pytest.mark.parametrize("seed", range(5))
@inside(cluster)
async def test_churn(lab, seed):
    await Chaos(lab, seed).run(80)
    await asyncio.sleep(100)  # less than it takes to try again without a reason
    snapshot, waiting = Snapshot(), []
    for node in await lab.list(NODES):
        snapshot.set_node(node_facts(node))
    for pod in map(pod_info, await lab.list(PODS)):
        if pod.node:
            snapshot.confirm(pod)
        else:
            waiting.append(pod)
    for node in snapshot.nodes.values():
        assert node.used_cpu <= node.facts.cpu, node.facts.name
    assert [pod.key for pod in waiting if Decider(snapshot).place(pod)] == []
    assert [pod.key for pod in waiting if pod.nominated] == []
    assert len(list(snapshot.pods())) > 5
