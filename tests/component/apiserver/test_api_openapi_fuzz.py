"""Whatever a client makes of our OpenAPI documents, the answer is an object or a refusal that says why."""

import json
import random

import pytest
from api_client import PATCHES
from minimal_manifests import CREATE_ONLY, manifest, name_of
from openapi_bodies import Bodies

from podwright.api.resources import RESOURCES

BODIES = 20
GROUP_VERSIONS = sorted({row.base_path.lstrip("/") for row in RESOURCES})
VERSIONED = {row.path("ns" if row.namespaced else None): row for row in RESOURCES}
PATCH = {"merge": PATCHES["merge"], "strategic": PATCHES["strategic"]}
TABLE = {"accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


def refusal(answer):
    """A refusal is a Status with a reason and a text."""
    assert answer.body["kind"] == "Status", answer
    assert answer.body["code"] == answer.status
    assert answer.body["reason"]
    assert answer.body["message"]


async def judge(api, method, path, body, **more):
    answer = await api.send(method, path, json.dumps(body), **more)
    assert answer.status < 500, (method, path, json.dumps(body), answer)
    if answer.status >= 400:
        refusal(answer)
    return answer


@pytest.mark.parametrize("document", GROUP_VERSIONS)
async def test_bodies_from_our_own_documents(api, document):
    found = (await api.get(f"/openapi/v3/{document}")).body
    rng = random.Random(document)
    bodies = Bodies(found, rng)
    creations = bodies.creations()
    assert creations, "a document without anything to create"
    for pattern, schema in creations:
        path = pattern.replace("{namespace}", "ns")
        row = VERSIONED.get(path)
        seed = name_of(row, "s") if row is not None else ""
        if row is not None and row.versioned not in CREATE_ONLY:
            await api.post(path, manifest(row, seed))
        for number in range(BODIES):
            body = bodies.make(schema)
            if not isinstance(body, dict):
                continue
            named = {**body, "metadata": {**(body.get("metadata") if isinstance(body.get("metadata"), dict) else {})}}
            named["metadata"] |= {"name": f"n{number}"}
            named["metadata"].pop("namespace", None)
            sent = {key: value for key, value in named.items() if key not in {"kind", "apiVersion"}}
            await judge(api, "POST", path, sent, fieldValidation=rng.choice(("Strict", "Warn", "Ignore")))
            if row is None or row.versioned in CREATE_ONLY:
                continue
            for content_type in PATCH.values():
                sent["metadata"] = {}
                answer = await judge(api, "PATCH", f"{path}/{seed}", sent, headers={"content-type": content_type})
                assert answer.status != 404 or f'"{seed}" not found' not in answer.message, "nothing was patched"
        if row is not None and row.versioned not in CREATE_ONLY and "list" in row.verbs:
            assert (await api.send("GET", path, headers=TABLE)).status == 200
