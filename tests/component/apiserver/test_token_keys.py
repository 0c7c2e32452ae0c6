"""Keys of service-account tokens are changed while the server runs."""

from api_client import until
from https_server import serving

from podwright.apiserver.authentication.signing_keys import new_key, private_pem, public_pem

TOKEN = "/api/v1/namespaces/default/serviceaccounts/robot/token"


async def test_tokens_of_both_keys_are_good_until_the_old_one_is_gone(pki, tmp_path):
    path, old, new = tmp_path / "sa.key", new_key(), new_key()
    path.write_bytes(private_pem(old))
    async with serving(pki, path, tmp_path) as https:

        async def token():
            return (await https.api.create(TOKEN, {}))["status"]["token"]

        async def good(one):
            async with https.session(one) as session, session.get("/apis") as answer:
                return answer.status == 200

        async def follow(content):
            before = https.server.tokens.keys
            path.write_bytes(content)
            await until(lambda: https.server.tokens.keys is not before)

        await https.api.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "robot"}})
        first = await token()
        await follow(private_pem(new) + public_pem(old.public_key()))
        second = await token()
        assert [await good(first), await good(second)] == [True, True]
        keys = (await https.api.get("/openid/v1/jwks")).body["keys"]
        assert len({key["kid"] for key in keys}) == 2
        path.write_bytes(b"spoiled")
        await follow(private_pem(new))
        assert [await good(first), await good(second)] == [False, True]
