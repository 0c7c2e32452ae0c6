"""A definition whose versions say the same differently, and a webhook that knows how."""

import asyncio
import copy

from widgets import DEFINITIONS, GROUP, definition

NAME = f"places.{GROUP}"
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def version(name, fields, *, storage, selectable, **more):
    """A version whose objects have these fields beside their metadata."""
    properties = {
        **fields,
        "spec": {"type": "object", "properties": {"replicas": NUMBER}},
        "status": {"type": "object"},
    }
    schema = {"openAPIV3Schema": {"type": "object", "properties": properties}}
    return {
        "name": name,
        "served": True,
        "storage": storage,
        "schema": schema,
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.x"},
        },
        "additionalPrinterColumns": [{"name": f"of {name}", "type": "string", "jsonPath": f".{selectable[0]}"}],
        "selectableFields": [{"jsonPath": f".{field}"} for field in selectable],
        **more,
    }


def places(client, stored="v1"):
    """v1 has host and port, v2 has both in one field."""
    crd = definition(
        "places",
        "Place",
        version("v1", {"host": TEXT, "port": TEXT}, storage=stored == "v1", selectable=("host", "port")),
        version("v2", {"hostPort": TEXT}, storage=stored == "v2", selectable=("hostPort",)),
    )
    webhook = {"clientConfig": client, "conversionReviewVersions": ["v1"]}
    crd["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
    return crd


def at(version, name=""):
    path = f"/apis/{GROUP}/{version}/namespaces/ns/places"
    return f"{path}/{name}" if name else path


def v1(name, host="h", port="80", **more):
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Place",
        "metadata": {"name": name},
        "host": host,
        "port": port,
        **more,
    }


def v2(name, text="h:80", **more):
    return {"apiVersion": f"{GROUP}/v2", "kind": "Place", "metadata": {"name": name}, "hostPort": text, **more}


def converted(obj, wanted):
    """What the webhook makes of an object."""
    obj = copy.deepcopy(obj)
    obj["apiVersion"] = wanted
    if wanted.endswith("/v2"):
        obj["hostPort"] = f"{obj.pop('host', '')}:{obj.pop('port', '')}"
    else:
        obj["host"], _, obj["port"] = obj.pop("hostPort", "").partition(":")
    return obj


def convert(request):
    """The webhook's answer."""
    objects = [converted(obj, request["desiredAPIVersion"]) for obj in request["objects"]]
    return {"result": {"status": "Success"}, "convertedObjects": objects}


async def store_as(api, stored):
    """Let objects be stored in another version from now on."""
    crd = (await api.get(f"{DEFINITIONS}/{NAME}")).body
    for each in crd["spec"]["versions"]:
        each["storage"] = each["name"] == stored
    answer = await api.put(f"{DEFINITIONS}/{NAME}", crd)
    assert answer.status == 200, answer
    while True:  # nothing tells when the server has followed
        endpoint = api.server.registry.endpoints[GROUP, stored, "places"]
        if endpoint.view is None:
            return
        await asyncio.sleep(0.01)
