"""The HTTP shell over real sockets and TLS: identities, limits, broken requests, streams."""

import asyncio
import io
import json
import ssl

import aiohttp
import pytest
from api_client import configmap, until
from https_server import serving
from tls_files import TlsFiles

CM = "/api/v1/namespaces/default/configmaps"
REVIEW = "/api/v1/namespaces/default"


async def read(response):
    return response.status, json.loads(await response.read())


async def test_a_request_and_its_answer(https):
    async with https.session() as session:
        async with session.post(CM, json=configmap("x", k="v")) as response:
            status, obj = await read(response)
            assert status == 201
            assert response.headers["Content-Type"] == "application/json"
            assert response.headers["Cache-Control"] == "no-cache, private"
        async with session.get(f"{CM}/x") as response:
            assert await read(response) == (200, obj)
        async with session.get(CM, params={"fieldSelector": "metadata.name=x", "limit": "5"}) as response:
            assert (await read(response))[1]["items"][0]["data"] == {"k": "v"}


async def test_bearer_tokens(https):
    async with https.session(token="plain") as session, session.get(CM) as response:
        status, body = await read(response)
        assert status == 403
        assert 'User "jane" cannot list resource "configmaps"' in body["message"]
    async with https.session(token="wrong") as session, session.get("/version") as response:
        assert (await read(response))[0] == 401
    async with https.session(token="") as session:
        async with session.get("/healthz") as response:
            assert (response.status, await response.text()) == (200, "ok")
        async with session.get(CM) as response:
            status, body = await read(response)
            assert status == 403
            assert 'User "system:anonymous"' in body["message"]


async def test_client_certificates(https):
    admin = https.pki.client("boss", "system:masters")
    async with https.session(token="", certificate=admin) as session, session.get(CM) as response:
        assert response.status == 200
    jane = https.pki.client("jane", "devs")
    async with https.session(token="tok", certificate=jane) as session, session.get(CM) as response:
        status, body = await read(response)
        assert status == 403, "the certificate says who it is, not the token"
        assert 'User "jane"' in body["message"]


async def test_a_certificate_of_another_ca_is_no_way_in(https, tmp_path):
    stranger = https.pki.client("boss", "system:masters", ca=TlsFiles(tmp_path / "other"))
    async with https.session(token="", certificate=stranger) as session:
        with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
            async with session.get(CM) as response:
                await response.read()


async def test_service_account_tokens(https):
    await https.api.create("/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "robot"}})
    answer = await https.api.post("/api/v1/namespaces/default/serviceaccounts/robot/token", {"spec": {}})
    token = answer.body["status"]["token"]
    async with https.session(token=token) as session:
        async with session.get("/apis") as response:
            assert response.status == 200
        async with session.get(CM) as response:
            assert 'User "system:serviceaccount:default:robot"' in (await read(response))[1]["message"]
        await https.api.delete("/api/v1/namespaces/default/serviceaccounts/robot")
        async with session.get("/apis") as response:
            assert response.status == 401


async def test_impersonation(https):
    async with https.session(**{"Impersonate-User": "bob"}) as session, session.get(CM) as response:
        assert 'User "bob" cannot list' in (await read(response))[1]["message"]


async def test_warnings_are_headers(https):
    async with https.session() as session:
        body = '{"metadata":{"name":"x"},"no\\"pe":1,"data":{"a":"1","a":"2"}}'
        async with session.post(CM, data=body, headers={"Content-Type": "application/json"}) as response:
            assert response.status == 201
            warnings = response.headers.getall("Warning")
    assert '299 - "duplicate field \\"data.a\\""' in warnings
    assert len(warnings) == 2


async def test_escaped_paths(https):
    async with https.session() as session:
        url = f"{https.url}{CM}/a%20b"
        async with session.get(aiohttp.client.URL(url, encoded=True)) as response:
            assert (await read(response))[1]["message"] == 'configmaps "a b" not found'
        url = f"{https.url}{CM}/a%2Fb"
        async with session.get(aiohttp.client.URL(url, encoded=True)) as response:
            assert (await read(response))[1]["message"] == "the server could not find the requested resource"


async def test_a_body_over_the_limit(https):
    async with https.session() as session:
        big = b'{"metadata":{"name":"x"},"data":{"a":"' + b"x" * 3_200_000 + b'"}}'
        async with session.post(CM, data=io.BytesIO(big), headers={"Content-Type": "application/json"}) as response:
            status, body = await read(response)
            assert (status, body["reason"]) == (413, "RequestEntityTooLarge")

        async def pieces():
            for _ in range(40):
                yield b"x" * 100_000

        async with session.post(CM, data=pieces(), headers={"Content-Type": "application/json"}) as response:
            assert (await read(response))[0] == 413
        async with session.get(CM) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "unexpected end of JSON input"),
        (b'{"a":1}{"b":2}', "after top-level value"),
        (b'{"a":"\xff\xfe"}', "invalid UTF-8"),
        (b"[" * 5000 + b"]" * 5000, "json parse error"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "json parse error"),
        (b"[1]", "cannot unmarshal array"),
        (b"", "<empty>"),
        (
            b'{"metadata":{"name":"x"},"data":' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}",
            "json parse error: exceeded max depth",
        ),
    ],
    ids=["open", "two", "utf8", "deep list", "deep map", "list", "empty", "deep data"],
)
async def test_bodies_that_make_no_sense(https, body, words):
    async with https.session() as session:
        async with session.post(CM, data=body, headers={"Content-Type": "application/json"}) as response:
            status, answer = await read(response)
        assert (status, answer["reason"]) == (400, "BadRequest")
        assert words in answer["message"]


async def test_deep_json_in_a_free_form_place_is_refused_not_failed(https):
    deep = '{"a":' * 400 + "1" + "}" * 400
    async with https.session() as session:
        for kind in ("merge-patch+json", "strategic-merge-patch+json"):
            headers = {"Content-Type": f"application/{kind}"}
            async with session.patch(REVIEW, data='{"x":' + deep + "}", headers=headers) as response:
                assert response.status == 400, await response.text()
                assert "exceeded max depth" in (await read(response))[1]["message"]


async def raw(https, data):
    reader, writer = await asyncio.open_connection("127.0.0.1", https.port, ssl=https.tls())
    try:
        writer.write(data)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "data",
    [b"nonsense\r\n\r\n", b"FOO\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n"],
)
async def test_what_is_no_http_gets_400_without_a_traceback(https, data):
    answer = await raw(https, data)
    assert b" 400 " in answer.splitlines()[0]
    assert b"Traceback" not in answer


async def test_a_method_that_nobody_has_gets_405(https):
    answer = await raw(https, b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 405 " in answer.splitlines()[0]
    assert b'"reason":"MethodNotAllowed"' in answer


async def test_an_old_client_gets_an_answer(https):
    head = b"GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n"
    answer = await raw(https, head)
    assert answer.splitlines()[0].split(b" ", 1)[1] == b"200 OK"
    assert answer.endswith(b"ok")


async def test_requests_in_one_go_are_answered_in_order(https):
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = await raw(https, one + two)
    assert answer.index(b"200 OK") < answer.index(b"403 Forbidden")


@pytest.mark.parametrize("token", ["tok", "plain", "nobody's"])
async def test_a_refused_upgrade_leaves_the_connection_to_others(https, token):
    path = "/api/v1/namespaces/default/pods/x/exec?command=id"
    async with asyncio.timeout(20), https.session(token=token) as session:
        for _ in range(2):
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                await session.ws_connect(path)
            assert error.value.status in {401, 403, 404}
        assert (await session.get("/version")).status in {200, 401}


async def test_head_has_no_body(https):
    async with https.session() as session:
        async with session.head("/readyz") as response:
            assert (response.status, response.headers["Content-Length"], await response.read()) == (200, "2", b"")
        async with session.head(CM) as response:
            assert response.status == 405


async def test_a_failure_of_ours_is_a_500_that_tells_nothing(https, monkeypatch, caplog):
    async def broken(*_):
        msg = "the secret of the trade"
        raise RuntimeError(msg)

    monkeypatch.setattr("podwright.apiserver.registry.objects.list_items", broken)
    async with https.session() as session, session.get(CM) as response:
        status, body = await read(response)
    assert (status, body["reason"]) == (500, "InternalError")
    assert "secret" not in json.dumps(body)
    reference = body["message"].rpartition(" ")[2]
    assert reference in caplog.text
    assert "the secret of the trade" in caplog.text


async def test_a_watch_over_the_wire(https):
    revision = (await https.api.get(CM)).body["metadata"]["resourceVersion"]
    async with https.session() as session:
        async with session.get(CM, params={"watch": "1", "resourceVersion": revision}) as response:
            assert response.headers["Transfer-Encoding"] == "chunked"
            for i in range(3):
                await https.api.create(CM, configmap(f"w{i}"))
                event = json.loads(await response.content.readline())
                assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", f"w{i}")
        params = {"watch": "1", "resourceVersion": revision, "timeoutSeconds": "1"}
        async with session.get(CM, params=params) as response:
            assert len((await response.read()).splitlines()) == 3
        async with session.get(f"{CM}/w0") as response:
            assert response.status == 200


async def test_a_watch_whose_client_leaves_is_released(https):
    cache = https.server.registry.endpoints["", "v1", "configmaps"].cache
    await https.api.create(CM, configmap("x"))
    async with https.session() as session, session.get(CM, params={"watch": "1"}) as response:
        await response.content.readline()
        assert cache.watchers == 1
    await until(lambda: not cache.watchers)


async def test_a_reader_that_takes_nothing_is_cut_off(pki, signing_key, tmp_path):
    async with serving(pki, signing_key, tmp_path, watch_buffer_bytes=256 * 1024) as https:
        cache = https.server.registry.endpoints["", "v1", "configmaps"].cache
        reader, writer = await asyncio.open_connection("127.0.0.1", https.port, ssl=https.tls(), limit=1024)
        path = f"{CM}?watch=1&resourceVersion=0".encode()
        writer.write(b"GET %b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer tok\r\n\r\n" % path)
        await until(lambda: bool(cache.watchers))
        await https.api.create(CM, configmap("big"))
        written = 0
        async with asyncio.timeout(60):
            while cache.watchers:
                written += 1
                change = {"data": {"k": "x" * 500_000 + str(written)}}
                assert (await https.api.patch(f"{CM}/big", change)).status == 200
        assert written > 1
        writer.close()
        with pytest.raises((ConnectionError, ssl.SSLError, asyncio.IncompleteReadError)):
            await reader.readexactly(10**9)


async def test_a_client_that_sends_on_without_reading_is_made_to_wait(https):
    await https.api.create(CM, configmap("big", k="x" * 200_000))
    reader, writer = await asyncio.open_connection("127.0.0.1", https.port, ssl=https.tls(), limit=1024)
    request = b"GET %b/big HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer tok\r\n\r\n" % CM.encode()
    writer.write(request * 400)
    answered = lambda: sum(c for (labels, _), c in https.server.metrics._requests.items() if labels[0] == "get")  # noqa: E731
    before = -1
    while answered() != before:
        before = answered()
        await asyncio.sleep(0.2)
    assert 0 < before < 200
    writer.transport.abort()
    with pytest.raises((ConnectionError, ssl.SSLError, asyncio.IncompleteReadError)):
        await reader.readexactly(10**9)


async def test_the_initial_events_of_a_big_watch_arrive_whole(https):
    for i in range(60):
        await https.api.create(CM, configmap(f"big{i:02}", k="x" * 100_000))
    async with https.session() as session:
        params = {"watch": "1", "timeoutSeconds": "1"}
        async with session.get(CM, params=params) as response:
            events = [json.loads(line) for line in (await response.read()).splitlines()]
    names = [e["object"]["metadata"]["name"] for e in events]
    assert [n for n in names if n.startswith("big")] == [f"big{i:02}" for i in range(60)]


async def test_a_big_list_arrives_whole(https):
    for i in range(20):
        await https.api.create(CM, configmap(f"big{i:02}", k="x" * 100_000))
    async with https.session() as session, session.get(CM) as response:
        _, body = await read(response)
    assert len(body["items"]) >= 20


async def test_the_access_log_names_users_and_codes(https):
    async with https.session(token="plain") as session, session.get(CM, params={"limit": "1"}) as response:
        assert response.status == 403
    await https.server._access_log.stop()
    lines = [json.loads(line) for line in (https.folder / "access.log").read_text().splitlines()]
    mine = [line for line in lines if line["user"] == "jane"]
    assert [(m["method"], m["path"], m["code"]) for m in mine] == [("GET", f"{CM}?limit=1", 403)]
    https.server._access_log = None


async def test_metrics_and_openid(https):
    async with https.session() as session:
        async with session.get(CM) as response:
            await response.read()
        async with session.get("/metrics") as response:
            text = await response.text()
        assert 'apiserver_request_total{verb="LIST",group="",version="v1",resource="configmaps"' in text
        async with session.get("/.well-known/openid-configuration") as response:
            assert (await read(response))[1]["issuer"] == "https://kubernetes.default.svc"
        async with session.get("/openid/v1/jwks") as response:
            assert (await read(response))[1]["keys"][0]["alg"] == "RS256"


async def test_stopping_ends_open_watches(pki, signing_key, tmp_path):
    async with serving(pki, signing_key, tmp_path) as https:
        session = https.session()
        client = await session.__aenter__()
        response = await client.get(CM, params={"watch": "1", "resourceVersion": "0"})
    async with asyncio.timeout(5):
        await response.read()
    response.release()
    await session.__aexit__(None, None, None)


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("identity", None), ("gzip;q=0", None)])
async def test_large_answers_are_compressed_for_who_asks(https, accepted, encoding):
    large, small = configmap("large", k="v" * 200_000), configmap("small", k="v")
    await https.api.create(CM, large)
    await https.api.create(CM, small)
    async with https.session(**{"Accept-Encoding": accepted}) as session:
        async with session.get(f"{CM}/large") as response:
            assert response.headers.get("Content-Encoding") == encoding
            assert (await read(response))[1]["data"] == large["data"]
        async with session.get(f"{CM}/small") as response:
            assert "Content-Encoding" not in response.headers
