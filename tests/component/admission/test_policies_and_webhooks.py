"""Policies beside programs: objects that a webhook converts, and what both change."""

import pytest
from api_client import CM, configmap
from convertible import at, convert, places, v1, v2
from hook_server import hook, patch
from policies import binding, change, enact, enforce, merging, patching, policy
from widgets import GROUP, established

RULE = {"apiGroups": [GROUP], "apiVersions": ["v1"], "resources": ["places"]}


@pytest.fixture
async def served(api, hooks):
    """A kind with two versions that a webhook converts, stored in v1."""
    hooks.answers["/convert"] = convert
    await established(api, places(hooks.config("/convert")))
    return api


async def test_policies_see_the_version_that_their_rules_name(served):
    await enforce(served, policy("p", "object.host != 'bad' && object.apiVersion.endsWith('/v1')", rule=RULE))
    assert (await served.post(at("v2"), v2("a", "good:1"))).status == 201
    assert (await served.post(at("v2"), v2("b", "bad:1"))).status == 422
    assert (await served.patch(at("v2", "a"), {"hostPort": "bad:2"})).status == 422
    assert (await served.patch(at("v2", "a"), {"hostPort": "fine:2"})).status == 200


async def test_what_a_policy_changes_in_one_version_is_stored_in_another(served):
    port = patching("[JSONPatch{op: 'replace', path: '/port', value: '9' + object.port}]")
    await enact(served, change("m", merging("Object{host: object.host + 'x'}"), port, rule=RULE))
    assert (await served.create(at("v2"), v2("a", "h:1")))["hostPort"] == "hx:91"
    assert (await served.patch(at("v2", "a"), {"hostPort": "g:2"})).body["hostPort"] == "gx:92"


@pytest.mark.parametrize(("again", "count"), [("Never", "1"), ("IfNeeded", "3")])
async def test_policies_come_before_webhooks_and_again_after_them(api, hooks, again, count):
    hooks.answers["/"] = patch({"op": "add", "path": "/data/b", "value": "2"})
    counting = merging("Object{data: {'count': string(size(object.data))}}")
    await enact(api, change("m", counting, reinvocationPolicy=again))
    await enforce(api, policy("p", "'b' in object.data && 'count' in object.data"))
    await api.mutating("w", hook("add", hooks.config()))
    made = await api.create(CM, configmap("c", a="1"))
    assert made["data"] == {"a": "1", "b": "2", "count": count}
    assert hooks.requests()[0]["object"]["data"] == {"a": "1", "count": "1"}


async def test_parameters_that_a_webhook_converts(served):
    await served.create(at("v1"), v1("limit", "x", "2"))
    kind, ref = {"apiVersion": f"{GROUP}/v2", "kind": "Place"}, {"name": "limit", "parameterNotFoundAction": "Deny"}
    made = policy("p", "size(object.data) <= int(params.hostPort.split(':')[1])", paramKind=kind)
    await enforce(served, made, binding("p", paramRef=ref))
    assert (await served.post(CM, configmap("c", a="1", b="2"))).status == 201
    assert (await served.post(CM, configmap("d", a="1", b="2", c="3"))).status == 422
