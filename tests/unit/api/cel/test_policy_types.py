"""What looks wrong in a policy's rules when its kinds are known."""

from __future__ import annotations

from typing import Any

import pytest

from podwright.api.cel.policy_types import Kind, findings, named
from podwright.api.resources import find
from podwright.api.schema import schema_of

JSON = dict[str, Any]
DEPLOYMENT = Kind("apps", "v1", "Deployment", schema_of(find("deployments", "apps").cls))
CONFIGMAP = Kind("", "v1", "ConfigMap", schema_of(find("configmaps").cls))
LIMIT = Kind("a.test", "v1", "Limit", {"type": "object", "properties": {"max": {"type": "integer"}}})


def _rule(**changes: Any) -> JSON:
    return {"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"], **changes}


def _rules(*validations: JSON, **spec: Any) -> JSON:
    return {"matchConstraints": {"resourceRules": [_rule()]}, "validations": list(validations), **spec}


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        pytest.param([_rule()], [("apps", "v1", "deployments")], id="one"),
        pytest.param(
            [_rule(apiVersions=["v2", "v1"])],
            [("apps", "v1", "deployments"), ("apps", "v2", "deployments")],
            id="versions",
        ),
        pytest.param([_rule(), _rule()], [("apps", "v1", "deployments")], id="the-same-twice"),
        pytest.param([_rule(apiGroups=["*"])], [], id="every-group"),
        pytest.param([_rule(apiVersions=["*"])], [], id="every-version"),
        pytest.param([_rule(resources=["*", "deployments/scale", "x"])], [("apps", "v1", "x")], id="no-wildcards"),
        pytest.param(
            [_rule(resources=[f"r{number}" for number in range(30)])],
            [("apps", "v1", plural) for plural in sorted(f"r{number}" for number in range(30))[:10]],
            id="ten-at-most",
        ),
    ],
)
def test_which_resources_a_policy_names(rules: list[JSON], wanted: list[Any]) -> None:
    assert named({"matchConstraints": {"resourceRules": rules}}) == wanted


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        pytest.param(_rules({"expression": "object.spec.replicas > 1"}), [], id="good"),
        pytest.param(
            _rules({"expression": "object.spec.replicas > '1'", "messageExpression": "'got ' + object.spec.replicas"}),
            [
                ("spec.validations[0].expression", "found no matching overload for '_>_' applied to '(int, string)'"),
                (
                    "spec.validations[0].messageExpression",
                    "found no matching overload for '_+_' applied to '(string, int)'",
                ),
            ],
            id="types",
        ),
        pytest.param(
            _rules({"expression": "true"}, {"expression": "object.spec.nope == oldObject.nope"}),
            [("spec.validations[1].expression", "undefined field 'nope'")],
            id="fields",
        ),
        pytest.param(
            _rules(
                {"expression": "variables.count == 'a'"},
                variables=[{"name": "count", "expression": "size(object.spec.template.spec.containers)"}],
            ),
            [("spec.validations[0].expression", "found no matching overload for '_==_' applied to '(int, string)'")],
            id="variables",
        ),
        pytest.param(
            _rules({"expression": "params.max > 1 && params.nope == 1"}, paramKind={"kind": "Limit"}),
            [("spec.validations[0].expression", "undefined field 'nope'")],
            id="parameters",
        ),
        pytest.param(
            _rules({"expression": "authorizer.requestResource.check('get').allowed() && request.dryRun"}),
            [],
            id="everything-else",
        ),
    ],
)
def test_findings(spec: JSON, wanted: list[tuple[str, str]]) -> None:
    found = findings(spec, [DEPLOYMENT], LIMIT)
    assert [finding["fieldRef"] for finding in found] == [path for path, _ in wanted]
    for finding, (_, text) in zip(found, wanted, strict=True):
        assert finding["warning"].startswith("apps/v1, Kind=Deployment: ERROR: <input>:1:")
        assert finding["warning"].endswith("^\n")
        assert text in finding["warning"]


def test_several_kinds_stand_below_each_other() -> None:
    spec = _rules({"expression": "object.spec.replicas == object.nope"})
    (finding,) = findings(spec, [DEPLOYMENT, CONFIGMAP], None)
    first, second = finding["warning"].split("\n\n")
    assert first.startswith("/v1, Kind=ConfigMap: ERROR")
    assert second.startswith("apps/v1, Kind=Deployment: ERROR")


@pytest.mark.parametrize("kinds", [[], [LIMIT]], ids=["none", "custom"])
def test_what_is_not_known_is_not_checked(kinds: list[Kind]) -> None:
    spec = _rules({"expression": "object.max > 1 && params.whatever == 2"}, paramKind={"kind": "Unknown"})
    assert findings(spec, kinds, None) == []
