"""What a registry does wrong is said without the pull secret: events and pods' statuses show it to everybody."""

import base64

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from podwright.agent.images.store import ImageStore
from podwright.agent.pods.ports import HostError

LOGIN = base64.b64encode(b"ann:hunter2-hunter2").decode()
TOKEN = "token-of-the-registry"


def again(request):
    raise web.HTTPFound(f"{request.path}?{request.query_string}")


ANSWERS = {
    "token server redirects to itself": again,
    "token server sends garbage": lambda _: web.Response(text="<html>"),
    "token server sends a list": lambda _: web.json_response([LOGIN]),
    "token server sends no token": lambda _: web.json_response({"tokens": TOKEN}),
    "token server refuses": lambda _: web.json_response({"errors": LOGIN}, status=401),
    "token is not good": lambda _: web.json_response({"token": TOKEN}),
    "token with a line break": lambda _: web.json_response({"token": f"{TOKEN}\r\nX: y"}),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
async def test_no_credential_is_shown(tmp_path, answer):
    async def token(request):
        return answer(request)

    async def manifest(request):
        realm = f'Bearer realm="http://{request.host}/token",service="x"'
        return web.json_response({}, status=401, headers={"WWW-Authenticate": realm})

    app = web.Application()
    app.router.add_get("/token", token)
    app.router.add_get("/v2/{rest:.*}", manifest)
    async with TestServer(app, host="127.0.0.1") as server:
        host = f"127.0.0.1:{server.port}"
        with pytest.raises(HostError) as caught:
            await ImageStore(tmp_path).pull(f"{host}/app:1", [{host: {"auth": LOGIN}}])
    error = caught.value
    while error is not None:
        shown = f"{error!r} {error}" if isinstance(error, HostError) else str(error)
        for text in (LOGIN, "hunter2", TOKEN):
            assert text not in shown
        error = error.__cause__
