"""Keeps the flow schemas and priority levels that every cluster has: those that are gone come back, as they should be.

An annotation says of each whether its spec is the server's to keep or a user's; of the mandatory ones it is always the
server's. It must never change one that a user keeps.
"""

from __future__ import annotations

from typing import Any, Final

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.apiserver.ensuring import Wanted, ensure
from podwright.apiserver.strategies.flowcontrol.mandatory import (
    AUTO_UPDATE,
    LEVELS,
    MANDATORY_LEVELS,
    MANDATORY_SCHEMAS,
    SCHEMAS,
)
from podwright.client.transport import Transport
from podwright.store.protocol import StoreUnavailable

JSON = dict[str, Any]
_GROUP: Final = "flowcontrol.apiserver.k8s.io"
_KINDS: Final = (
    ("prioritylevelconfigurations", LEVELS, MANDATORY_LEVELS),
    ("flowschemas", SCHEMAS, MANDATORY_SCHEMAS),
)


def flows() -> list[Wanted]:
    """All of them."""
    wanted: list[Wanted] = []
    for plural, specs, mandatory in _KINDS:
        for name, spec in specs.items():
            obj: JSON = {"metadata": {"name": name, "annotations": {AUTO_UPDATE: "true"}}, "spec": spec}
            change = _restored if name in mandatory else followed
            wanted.append(Wanted(find(plural, _GROUP), obj, change=change))
    return wanted


def followed(present: JSON, wanted: JSON) -> JSON | None:
    """What an object should be: its spec is brought up to date unless a user keeps it. None leaves it as it is."""
    meta = present["metadata"]
    said = (meta.get("annotations") or {}).get(AUTO_UPDATE)
    ours = said == "true" or (said != "false" and meta.get("generation", 1) == 1)
    spec = wanted["spec"] if ours else present["spec"]
    return _changed(present, spec, "true" if ours else "false")


def _restored(present: JSON, wanted: JSON) -> JSON | None:
    spec = wanted["spec"]
    if "exempt" in spec:
        spec = {**spec, "exempt": present["spec"].get("exempt") or spec["exempt"]}  # what it lends is for users to say
    return _changed(present, spec, "true")


def _changed(present: JSON, spec: JSON, annotation: str) -> JSON | None:
    meta = present["metadata"]
    annotations = {**(meta.get("annotations") or {}), AUTO_UPDATE: annotation}
    if spec == present["spec"] and annotations == meta.get("annotations"):
        return None
    return {**present, "metadata": {**meta, "annotations": annotations}, "spec": spec}


async def keep(transport: Transport) -> None:
    """Bring them back. Raises StoreError when that cannot be done now."""
    try:
        await ensure(transport, flows())
    except* ApiError as group:
        msg = f"cannot keep the flow schemas: {group.exceptions[0]}"
        raise StoreUnavailable(msg) from group
