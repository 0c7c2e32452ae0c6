"""An issuer of tokens behind real TLS on the loopback address."""

import contextlib
import ssl
import time
from collections import Counter

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


class Issuer:
    """Keys by id, and what was asked for."""

    def __init__(self, url, certificate_authority):
        self.url = url
        self.certificate_authority = certificate_authority
        self.keys = {"one": ("RS256", rsa_key())}
        self.asked = Counter()
        self.works = True
        self.issuer = url

    def token(self, key_id="one", *, key=None, algorithm=None, headers=None, **claims):
        found, private = self.keys.get(key_id, ("RS256", None))
        body = {"iss": self.url, "aud": "cluster", "sub": "jane", "exp": int(time.time()) + 600} | claims
        body = {name: value for name, value in body.items() if value is not None}
        return jwt.encode(body, key or private, algorithm or found, headers={"kid": key_id} | (headers or {}))

    def document(self, **changes):
        """A configuration that trusts it."""
        one = {
            "issuer": {"url": self.url, "certificateAuthority": self.certificate_authority, "audiences": ["cluster"]},
            "claimMappings": {
                "username": {"claim": "sub", "prefix": "oidc:"},
                "groups": {"claim": "groups", "prefix": ""},
            },
        }
        return {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "AuthenticationConfiguration",
            "jwt": [one | changes],
        }

    async def answer(self, request):
        self.asked[request.path] += 1
        if not self.works:
            return web.Response(status=500)
        if request.path.endswith("/openid-configuration"):
            return web.json_response({"issuer": self.issuer, "jwks_uri": f"{self.url}/keys"})
        algorithms = {name: jwt.get_algorithm_by_name(algorithm) for name, (algorithm, _) in self.keys.items()}
        keys = [
            algorithms[name].to_jwk(key.public_key(), as_dict=True) | {"kid": name, "use": "sig", "alg": algorithm}
            for name, (algorithm, key) in self.keys.items()
        ]
        return web.json_response({"keys": keys})


@contextlib.asynccontextmanager
async def issuing(pki):
    """Start an issuer on a free port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pki.server.cert, pki.server.key)
    app = web.Application()
    runner = web.AppRunner(app)
    held = []

    async def answer(request):
        return await held[0].answer(request)

    app.router.add_get("/{path:.*}", answer)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    held.append(Issuer(f"https://127.0.0.1:{port}", pki.server.ca.read_text()))
    try:
        yield held[0]
    finally:
        await runner.cleanup()
