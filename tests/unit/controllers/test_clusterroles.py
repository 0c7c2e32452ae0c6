"""Roles that are made of others."""

import pytest
from ctl_builders import patches

from podwright.controllers.actions import NOTHING
from podwright.controllers.clusterrole import reconcile
from podwright.controllers.meta import whole

GET, LIST = ({"verbs": [verb], "apiGroups": [""], "resources": ["pods"]} for verb in ("get", "list"))


def role(name, *rules, labels=None, selectors=None):
    body = {"metadata": {"name": name, "uid": name.upper(), "labels": labels or {}}, "rules": list(rules)}
    if selectors is not None:
        body["aggregationRule"] = {"clusterRoleSelectors": selectors}
    return whole(body)


A = {"matchLabels": {"a": "b"}}
OTHERS = [role("z", GET, labels={"a": "b"}), role("y", LIST, GET, labels={"a": "b"}), role("x", GET, labels={"a": "c"})]


@pytest.mark.parametrize(
    ("selectors", "rules"),
    [
        pytest.param([A], [LIST, GET], id="each once, by name"),
        pytest.param([{"matchLabels": {"a": "c"}}, A], [GET, LIST], id="any of the selectors"),
        pytest.param([{"matchLabels": {"c": "d"}}], [], id="none"),
        pytest.param(
            [{"matchExpressions": [{"key": "a", "operator": "Nope"}]}], [], id="a selector nobody understands"
        ),
    ],
)
def test_rules(selectors, rules):
    made = role("made", {"verbs": ["old"]}, selectors=selectors, labels={"a": "b"})
    plan = reconcile(made, [*OTHERS, made])
    assert patches(plan, "clusterroles")["made"]["rules"] == rules
    assert reconcile(role("made", *rules, selectors=selectors), OTHERS) is NOTHING


def test_other_roles_are_left_alone():
    assert reconcile(role("plain", GET), OTHERS) is NOTHING
    assert reconcile(None, OTHERS) is NOTHING
