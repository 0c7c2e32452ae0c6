"""Secrets that ask for a service account's token."""

import base64

from api_client import until

SECRETS = "/api/v1/namespaces/ns/secrets"
ACCOUNTS = "/api/v1/namespaces/ns/serviceaccounts"


def asking(name="t", account="default", **annotations):
    found = {"kubernetes.io/service-account.name": account} | annotations
    return {"metadata": {"name": name, "annotations": found}, "type": "kubernetes.io/service-account-token"}


async def keep(api):
    """What the server does twice a second."""
    chore = next(chore for name, _, chore in api.server._housekeeping._more if name == "account-secrets")
    await chore()


async def filled(api, name="t"):
    await keep(api)
    return (await api.get(f"{SECRETS}/{name}")).body


def token_of(secret):
    return base64.b64decode(secret["data"]["token"]).decode()


def user(api, token):
    return api.server.verifier.user_of(token)


async def test_a_secret_is_filled_and_its_token_is_good(api):
    await api.create(SECRETS, asking())
    secret = await filled(api)
    account = (await api.get(f"{ACCOUNTS}/default")).body
    assert secret["metadata"]["annotations"]["kubernetes.io/service-account.uid"] == account["metadata"]["uid"]
    assert base64.b64decode(secret["data"]["namespace"]) == b"ns"
    assert "kube-controller-manager" in {entry["manager"] for entry in secret["metadata"]["managedFields"]}
    found = user(api, token_of(secret))
    assert (found.name, found.uid) == ("system:serviceaccount:ns:default", account["metadata"]["uid"])
    assert found.groups == ("system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated")
    await keep(api)
    assert (await api.get(f"{SECRETS}/t")).body["metadata"]["labels"].keys() == {"kubernetes.io/legacy-token-last-used"}
    review = (await api.post("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": token_of(secret)}})).body
    assert review["status"]["authenticated"]


async def test_what_is_filled_is_left_alone(api):
    await api.create(SECRETS, asking())
    before = await filled(api)
    api.server._housekeeping._more[0][2].__self__._seen = ()
    assert (await filled(api))["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def test_a_token_that_was_taken_out_is_good_no_more_and_a_new_one_comes(api):
    await api.create(SECRETS, asking())
    secret = await filled(api)
    token = token_of(secret)
    await api.send(
        "PATCH",
        f"{SECRETS}/t",
        [{"op": "remove", "path": "/data/token"}],
        headers={"content-type": "application/json-patch+json"},
    )
    assert user(api, token) is None
    assert token_of(await filled(api))


async def test_it_ends_with_its_secret_its_account_and_a_label(api):
    await api.create(ACCOUNTS, {"metadata": {"name": "robot"}})
    for name in ("a", "b", "c"):
        await api.create(SECRETS, asking(name, "robot" if name == "b" else "default"))
    tokens = {name: token_of(await filled(api, name)) for name in ("a", "b", "c")}
    assert all(user(api, token) for token in tokens.values())
    await api.send("DELETE", f"{SECRETS}/a")
    await api.send("DELETE", f"{ACCOUNTS}/robot")
    patch = {"metadata": {"labels": {"kubernetes.io/legacy-token-invalid-since": "2026-01-01"}}}
    await api.send("PATCH", f"{SECRETS}/c", patch, headers={"content-type": "application/merge-patch+json"})
    assert not any(user(api, token) for token in tokens.values())
    await keep(api)
    assert (await api.get(f"{SECRETS}/b")).status == 404


async def test_secrets_of_nobody_and_of_an_account_of_before_go(api):
    await api.create(SECRETS, asking("nobody", "nobody"))
    await api.create(SECRETS, asking("former", **{"kubernetes.io/service-account.uid": "another"}))
    await keep(api)
    assert [(await api.get(f"{SECRETS}/{name}")).status for name in ("nobody", "former")] == [404, 404]


async def test_the_server_does_it_by_itself(api):
    await api.create(SECRETS, asking())
    secrets = api.server.registry.endpoints["", "v1", "secrets"]
    await until(lambda: "token" in (secrets.object(secrets.get("ns", "t")).get("data") or {}))
