"""`pw cluster token` against a server: made, listed without secrets, deleted; what it publishes is all anybody reads."""

import asyncio
import base64
import re

from click.testing import CliRunner

from podwright.apiserver.user import ANONYMOUS
from podwright.cli.main import root

INFO = "/api/v1/namespaces/kube-public/configmaps/cluster-info"


async def pw(https, *words, code=0):
    arguments = ["--kubeconfig", str(https.kubeconfig()), "cluster", "token", *words]
    done = await asyncio.to_thread(CliRunner().invoke, root, arguments)
    assert done.exit_code == code, (done.output, done.exception)
    return done.output.strip()


async def test_tokens_come_and_go(https) -> None:
    made = await pw(https, "create", "--ttl", "90m", "--description", "new rack")
    assert re.fullmatch(r"[a-z0-9]{6}\.[a-z0-9]{16}", made)
    name, _, key = made.partition(".")
    found = https.api.server.verifier.user_of(made)
    assert (found.name, "system:bootstrappers:podwright:default-node-token" in found.groups) == (
        f"system:bootstrap:{name}", True,
    )  # fmt: skip
    listed = await pw(https, "list")
    assert name in listed
    assert "new rack" in listed
    assert "89m" in listed
    assert key not in listed
    assert await pw(https, "delete", made) == f"token {name} deleted"
    assert https.api.server.verifier.user_of(made) is None
    await pw(https, "delete", "nothing", code=1)


async def test_a_token_may_last_for_ever_and_comes_with_its_command(https) -> None:
    command = await pw(https, "create", "--ttl", "0", "--join-command")
    assert re.fullmatch(
        r"podwright node join --token [a-z0-9]{6}\.[a-z0-9]{16} --ca-hash sha256:[0-9a-f]{64} 127\.0\.0\.1:\d+", command
    )
    content = '{clusters: [{name: "", cluster: {server: "https://10.88.0.1:6443"}}]}'
    info = {"metadata": {"name": "cluster-info"}, "data": {"kubeconfig": content}}
    await https.api.create(INFO.rpartition("/")[0], info)
    assert (await pw(https, "create", "--join-command")).endswith(" 10.88.0.1:6443")
    assert "<forever>" in await pw(https, "list")
    await pw(https, "create", "--ttl", "soon", code=1)


async def test_the_cluster_is_read_by_everybody_only_when_asked(https) -> None:
    await https.api.create(INFO.rpartition("/")[0], {"metadata": {"name": "cluster-info"}, "data": {"kubeconfig": "x"}})
    anonymous = https.api.as_user(ANONYMOUS)
    await pw(https, "create")
    assert (await anonymous.get(INFO)).status == 403
    await pw(https, "create", "--publish-cluster-info")
    assert (await anonymous.get(INFO)).status == 200
    for path in (INFO.rpartition("/")[0], INFO.replace("cluster-info", "other")):
        assert (await anonymous.get(path)).status == 403
    await pw(https, "create", "--publish-cluster-info")
    secrets = (await https.api.get("/api/v1/namespaces/kube-system/secrets")).body["items"]
    assert base64.b64decode(secrets[0]["data"]["usage-bootstrap-signing"]) == b"true"
