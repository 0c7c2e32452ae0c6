"""What is counted of policies, also where nobody is told."""

from api_client import CM, configmap
from policies import binding, change, enact, enforce, merging, policy

CHECKS, CHANGES = "apiserver_validating_admission_policy_check_total", "apiserver_mutating_admission_policy_check_total"


async def _counted(api):
    text = (await api.get("/metrics")).raw.decode()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line.startswith((CHECKS, CHANGES))]
    return {name: int(number) for name, number in lines}


def _check(policy_name, bound, kind, action):
    labels = f'policy="{policy_name}",policy_binding="{bound}",error_type="{kind}",enforcement_action="{action}"'
    return f"{CHECKS}{{{labels}}}"


def _change(name, kind):
    return f'{CHANGES}{{policy="{name}",policy_binding="{name}",error_type="{kind}"}}'


async def test_findings_and_failures_are_counted(api):
    assert await _counted(api) == {}
    await enforce(api, policy("strict", "!has(object.data.bad)"), binding("deny", "strict"))
    await enforce(api, policy("told", "!has(object.data.bad)"), binding("warn", "told", "Warn", "Audit"))
    lenient = policy("lenient", "object.nope == 1", "!has(object.data.bad)", failurePolicy="Ignore")
    await enforce(api, lenient, binding("b", "lenient"))
    kind = {"apiVersion": "a.test/v1", "kind": "Unknown"}
    await enforce(api, policy("unready", "true", paramKind=kind, failurePolicy="Ignore"))
    assert (await api.post(CM, configmap("c", a="1"))).status == 201
    assert (await api.post(CM, configmap("d", bad="1"))).status == 422
    assert await _counted(api) == {
        _check("strict", "deny", "no_error", "deny"): 1,
        _check("told", "warn", "no_error", "warn"): 1,
        _check("told", "warn", "no_error", "audit"): 1,
        _check("lenient", "b", "no_error", "deny"): 1,
        _check("lenient", "b", "invalid_error", "allow"): 2,
        _check("unready", "", "invalid_error", "allow"): 2,
    }


async def test_mutations_are_counted(api):
    await enact(api, change("good", merging("Object{data: {'a': 'b'}}")))
    await enact(api, change("wrong", merging("Object{data: {'a': object.nope}}"), failurePolicy="Ignore"))
    assert (await api.post(CM, configmap("c"))).status == 201
    assert await _counted(api) == {_change("good", "no_error"): 1, _change("wrong", "invalid_error"): 1}
