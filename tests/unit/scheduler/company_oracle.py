"""Where may a pod go with regard to other pods, and how well: by looking at every pod on every node, each time."""

from __future__ import annotations

import math

from podwright.api.labels import Selector
from podwright.scheduler.scores.most_allocated import ONE

REQUIRED, PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)
UNEVEN = "node(s) didn't match pod topology spread constraints"


class World:
    """Nodes by name, pods on them as (pod, node's name), labels of namespaces by name: all plain JSON."""

    def __init__(self):
        self.nodes, self.pods, self.namespaces = {}, {}, {}

    def there(self):
        return [(pod, self.nodes[name]) for pod, name in self.pods.values() if name in self.nodes]


def labels(obj):
    return obj["metadata"].get("labels") or {}


def terms(pod, kind, when):
    return ((pod["spec"].get("affinity") or {}).get(kind) or {}).get(when) or []


def selects(world, owner, term, pod):
    """Does the term of `owner` select `pod`?"""
    own = not term.get("namespaces") and term.get("namespaceSelector") is None
    space = pod["metadata"]["namespace"]
    named = space in ([owner["metadata"]["namespace"]] if own else term.get("namespaces") or [])
    if not named and term.get("namespaceSelector") is not None:
        chooses = Selector.from_label_selector(term["namespaceSelector"])
        named = chooses.empty or (space in world.namespaces and chooses.matches(world.namespaces[space]))
    return named and Selector.from_label_selector(term.get("labelSelector")).matches(labels(pod))


def near(one, other, key):
    return key in labels(one) and labels(one)[key] == labels(other).get(key)


def refused(world, pod, node):
    """The reason against the node, None where there is none."""
    return _uneven(world, pod, node) or _not_near(world, pod, node) or _too_near(world, pod, node)


def counts(world, pod, constraint, others):
    """Matching pods for each value of the key, over the nodes that count."""
    found = {}
    selector = Selector.from_label_selector(constraint.get("labelSelector"))
    for name, node in world.nodes.items():
        if not all(c["topologyKey"] in labels(node) for c in others):
            continue
        wanted = pod["spec"].get("nodeSelector") or {}
        honours = constraint.get("nodeAffinityPolicy") != "Ignore"
        if honours and any(labels(node).get(k) != v for k, v in wanted.items()):
            continue
        kept_out = any(t["effect"] == "NoSchedule" for t in node["spec"]["taints"]) and not pod["spec"].get(
            "tolerations"
        )
        if constraint.get("nodeTaintsPolicy") == "Honor" and kept_out:
            continue
        like = [
            p for p, at in world.pods.values()
            if at == name and p["metadata"]["namespace"] == pod["metadata"]["namespace"]
            and "deletionTimestamp" not in p["metadata"] and selector.matches(labels(p))
        ]  # fmt: skip
        value = labels(node)[constraint["topologyKey"]]
        found[value] = found.get(value, 0) + len(like)
    return found


def _spread(pod, hard):
    found = pod["spec"].get("topologySpreadConstraints") or []
    return [c for c in found if (c["whenUnsatisfiable"] == "DoNotSchedule") == hard]


def _uneven(world, pod, node):
    constraints = _spread(pod, hard=True)
    for constraint in constraints:
        value = labels(node).get(constraint["topologyKey"])
        if value is None:
            return f"{UNEVEN} (missing required label)"
        found = counts(world, pod, constraint, constraints)
        least = 0 if len(found) < constraint.get("minDomains", 1) else min(found.values())
        own = Selector.from_label_selector(constraint.get("labelSelector")).matches(labels(pod))
        if found.get(value, 0) + own - least > constraint["maxSkew"]:
            return UNEVEN
    return None


def _not_near(world, pod, node):
    wanted = terms(pod, "podAffinity", REQUIRED)
    keys = [t["topologyKey"] for t in wanted]
    if any(key not in labels(node) for key in keys):
        return "node(s) didn't match pod affinity rules"
    like = [(p, n) for p, n in world.there() if all(selects(world, pod, t, p) for t in wanted)]
    if all(any(near(node, n, key) for _, n in like) for key in keys):
        return None
    begins = not any(key in labels(n) for _, n in like for key in keys)
    if begins and all(selects(world, pod, t, pod) for t in wanted):
        return None
    return "node(s) didn't match pod affinity rules"


def _too_near(world, pod, node):
    for term in terms(pod, "podAntiAffinity", REQUIRED):
        if any(selects(world, pod, term, p) and near(node, n, term["topologyKey"]) for p, n in world.there()):
            return "node(s) didn't match pod anti-affinity rules"
    for other, where in world.there():
        for term in terms(other, "podAntiAffinity", REQUIRED):
            if selects(world, other, term, pod) and near(node, where, term["topologyKey"]):
                return "node(s) didn't satisfy existing pods anti-affinity rules"
    return None


def _sum(world, pod, node):
    total = 0
    for kind, sign in (("podAffinity", 1), ("podAntiAffinity", -1)):
        for other, where in world.there():
            for mine in terms(pod, kind, PREFERRED):
                term = mine["podAffinityTerm"]
                if selects(world, pod, term, other) and near(node, where, term["topologyKey"]):
                    total += sign * mine["weight"]
            for theirs in terms(other, kind, PREFERRED):
                term = theirs["podAffinityTerm"]
                if selects(world, other, term, pod) and near(node, where, term["topologyKey"]):
                    total += sign * theirs["weight"]
    for other, where in world.there():
        for term in terms(other, "podAffinity", REQUIRED):
            total += selects(world, other, term, pod) and near(node, where, term["topologyKey"])
    return total


def _crowd(world, pod, node):
    constraints, crowd = _spread(pod, hard=False), 0.0
    for constraint in constraints:
        value = labels(node).get(constraint["topologyKey"])
        if value is None:
            return None
        found = counts(world, pod, constraint, constraints)
        crowd += found.get(value, 0) * math.log(len(found) + 2) + constraint["maxSkew"] - 1
    return round(crowd)


def totals(world, pod, names):
    """What other pods add to the total of each of these nodes, which are all that will do."""
    sums = {name: _sum(world, pod, world.nodes[name]) for name in names}
    low, high = min(sums.values()), max(sums.values())
    added = {name: 200 * ((s - low) * ONE // (high - low)) if high > low else 0 for name, s in sums.items()}
    if _spread(pod, hard=False):
        crowds = {name: _crowd(world, pod, world.nodes[name]) for name in names}
        known = [c for c in crowds.values() if c is not None]
        low, high = min(known, default=0), max(known, default=0)
        for name, crowd in crowds.items():
            if crowd is not None:
                added[name] += 200 * ((high + low - crowd) * ONE // high if high else ONE)
    return added
