"""Another API server: a small one with a kind of its own, behind TLS, that believes our certificate who asks."""

import asyncio
import contextlib
import json
import ssl
from datetime import UTC, datetime

from aiohttp import WSMsgType, web

from podwright.deploy.pki import Authority

GROUP, VERSION = "wardle.example.com", "v1alpha1"
BASE = f"/apis/{GROUP}/{VERSION}"
FLUNDERS = f"{BASE}/namespaces/ns/flunders"
NAME = f"{VERSION}.{GROUP}"
RESOURCES = {
    "kind": "APIResourceList",
    "apiVersion": "v1",
    "groupVersion": f"{GROUP}/{VERSION}",
    "resources": [
        {
            "name": "flunders",
            "singularName": "flunder",
            "namespaced": True,
            "kind": "Flunder",
            "verbs": ["create", "delete", "deletecollection", "get", "list", "watch"],
            "shortNames": ["fl"],
        },
        {"name": "flunders/status", "singularName": "", "namespaced": True, "kind": "Flunder", "verbs": ["get"]},
    ],
}


class ExtensionServer:
    """What it was asked, what it has, and how it is found."""

    def __init__(self, folder, front_proxy_ca):
        self.folder = folder
        self.front_proxy_ca = front_proxy_ca
        self.authority = Authority(folder, lambda: datetime.now(UTC))
        self.port = 0
        self.asked = []
        self.items = {}
        self.news = asyncio.Condition()
        self.failing = 0
        self.watches = 0
        self._runner = None

    async def start(self):
        self.authority.server(["ext.ns.svc"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority.path("apiserver.crt"), self.authority.path("apiserver.key"))
        context.load_verify_locations(self.front_proxy_ca)
        context.verify_mode = ssl.CERT_REQUIRED
        app = web.Application()
        app.router.add_get(BASE, self._resources)
        app.router.add_get("/openapi/{tail:.*}", self._openapi)
        flunders = f"{BASE}/namespaces/{{ns}}/flunders"
        app.router.add_get(f"{flunders}/{{name}}/talk", self._talk)
        app.router.add_get(flunders, self._list)
        app.router.add_post(flunders, self._create)
        app.router.add_delete(flunders, self._delete)
        app.router.add_get(f"{flunders}/{{name}}", self._get)
        app.router.add_delete(f"{flunders}/{{name}}", self._delete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=context)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    async def stop(self):
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def api_service(self, **spec):
        import base64

        wanted = {
            "group": GROUP,
            "version": VERSION,
            "groupPriorityMinimum": 2000,
            "versionPriority": 200,
            "service": {"namespace": "ns", "name": "ext", "port": self.port},
            "caBundle": base64.b64encode(self.authority.ca).decode(),
            **spec,
        }
        return {"metadata": {"name": NAME}, "spec": {key: value for key, value in wanted.items() if value is not None}}

    def user_requests(self):
        """The requests of users: those of the server's own look are left out."""
        return [r for r in self.asked if r["user"] != "system:kube-aggregator"]

    # -- what it answers

    def _note(self, request):
        subject = dict(pair for part in request.transport.get_extra_info("peercert")["subject"] for pair in part)
        headers = request.headers
        self.asked.append(
            {
                "certificate": subject["commonName"],
                "method": request.method,
                "url": request.raw_path,
                "user": headers.get("X-Remote-User"),
                "groups": headers.getall("X-Remote-Group", []),
                "extra": {k.lower(): headers.getall(k) for k in headers if k.lower().startswith("x-remote-extra-")},
                "headers": {k.lower(): v for k, v in headers.items()},
            }
        )

    async def _resources(self, request):
        self._note(request)
        if self.failing:
            return web.Response(status=self.failing)
        return web.json_response(RESOURCES)

    async def _openapi(self, request):
        self._note(request)
        tail = request.match_info["tail"]
        schema = {
            "type": "object",
            "x-kubernetes-group-version-kind": [{"group": GROUP, "version": VERSION, "kind": "Flunder"}],
        }
        if tail == "v2":
            paths = {FLUNDERS.replace("ns/fl", "{namespace}/fl"): {"get": {}}, "/version": {"get": {}}}
            return web.json_response(
                {"swagger": "2.0", "info": {}, "paths": paths, "definitions": {"com.example.Flunder": schema}},
                headers={"etag": '"two"'},
            )
        if tail == "v3":
            url = {"serverRelativeURL": f"/openapi/v3{BASE}?hash=ABC"}
            return web.json_response(
                {"paths": {BASE.strip("/"): url, "version": {"serverRelativeURL": "/openapi/v3/version"}}}
            )
        if tail == "v3" + BASE:
            return web.json_response({"openapi": "3.0.0", "components": {"schemas": {"com.example.Flunder": schema}}})
        return web.Response(status=404)

    async def _list(self, request):
        self._note(request)
        if request.query.get("watch") not in (None, "0", "false"):
            return await self._watch(request)
        items = list(self.items.values())
        return web.json_response(
            {
                "kind": "FlunderList",
                "apiVersion": f"{GROUP}/{VERSION}",
                "metadata": {"resourceVersion": "1"},
                "items": items,
            },
            headers={"warning": '299 - "flunders are odd"'},
        )

    async def _watch(self, request):
        answer = web.StreamResponse(headers={"content-type": "application/json"})
        await answer.prepare(request)
        self.watches += 1
        seen = set()
        try:
            async with self.news:
                while True:
                    for name, item in self.items.items():
                        if name not in seen:
                            seen.add(name)
                            await answer.write(json.dumps({"type": "ADDED", "object": item}).encode() + b"\n")
                    await self.news.wait()
        except (ConnectionError, RuntimeError):
            pass
        finally:
            self.watches -= 1
        return answer

    async def _create(self, request):
        self._note(request)
        item = await request.json()
        item["metadata"] |= {
            "namespace": "ns",
            "uid": "u-1",
            "resourceVersion": "1",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
        item |= {"kind": "Flunder", "apiVersion": f"{GROUP}/{VERSION}"}
        async with self.news:
            self.items[item["metadata"]["name"]] = item
            self.news.notify_all()
        return web.json_response(item, status=201)

    async def _get(self, request):
        self._note(request)
        item = self.items.get(request.match_info["name"])
        if item is None:
            body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
            return web.json_response(body | {"message": "no such flunder", "metadata": {}}, status=404)
        return web.json_response(item)

    async def _delete(self, request):
        self._note(request)
        for name in [request.match_info["name"]] if "name" in request.match_info else list(self.items):
            self.items.pop(name, None)
        return web.json_response({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})

    async def _talk(self, request):
        self._note(request)
        if "upgrade" not in request.headers:
            return web.Response(text="no upgrade")
        if request.match_info["name"] == "deaf":
            return web.Response(status=403, text="not with you")
        talk = web.WebSocketResponse()
        await talk.prepare(request)
        async for message in talk:
            if message.type == WSMsgType.TEXT:
                await talk.send_str(f"you said {message.data}")
        return talk


@contextlib.asynccontextmanager
async def extension(folder, front_proxy_ca):
    """A started one."""
    made = ExtensionServer(folder, front_proxy_ca)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


SERVICE = {"metadata": {"name": "ext"}, "spec": {"type": "ExternalName", "externalName": "localhost"}}
