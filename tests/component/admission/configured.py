"""Requests to a server, and what is configured of webhooks in it."""

from api_client import Api

from podwright.apiserver.registry.core import NO_CLAIMS

GROUP = "/apis/admissionregistration.k8s.io/v1"
MUTATING, VALIDATING = f"{GROUP}/mutatingwebhookconfigurations", f"{GROUP}/validatingwebhookconfigurations"


class Hooked(Api):
    """An Api that configures webhooks."""

    async def mutating(self, name, *hooks):
        return await self.create(MUTATING, {"metadata": {"name": name}, "webhooks": list(hooks)})

    async def validating(self, name, *hooks):
        return await self.create(VALIDATING, {"metadata": {"name": name}, "webhooks": list(hooks)})

    async def stored(self, path, name, change):
        """Change an object in the store, past all rules."""
        registry = self.server.registry
        group, version, plural = path.removeprefix("/apis/").split("/")
        endpoint = registry.endpoints[group, version, plural]
        item = endpoint.get("", name)
        obj = endpoint.object(item)
        change(obj)
        stored, value = registry.encode(endpoint, obj)
        await registry.save(endpoint, item.key, stored, value, item.revision, NO_CLAIMS)
