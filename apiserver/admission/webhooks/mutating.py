"""Webhooks that change objects: asked one after the other, each about what the one before it left.

After a change those asked before, if they want so, are asked once more in a second pass. It must never keep a change
that makes something else of the object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from podwright.api.errors import ApiError, internal
from podwright.api.patch import json_patch
from podwright.api.patch.errors import PatchError
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.seen import Seen
from podwright.apiserver.admission.webhooks.configured import Meant
from podwright.apiserver.admission.webhooks.hook import Hook
from podwright.apiserver.admission.webhooks.questioner import Questioner
from podwright.apiserver.registry.converting import settled

JSON = dict[str, Any]
_PLACE: Final = "mutation.webhook.admission.k8s.io/"
_PATCH: Final = "patch.webhook.admission.k8s.io/"


@dataclass(slots=True)
class Rounds:
    """What is remembered between the two passes over one write: webhooks by their place."""

    asked: set[str] = field(default_factory=set[str])
    """Asked already, and willing to be asked again."""
    again: set[str] = field(default_factory=set[str])
    """To be asked again: others changed the object after them."""
    left: JSON | None = None
    """The object as the first pass left it."""

    def changed(self) -> None:
        """Somebody changed the object."""
        self.again |= self.asked
        self.asked.clear()


async def ask_in_turn(questioner: Questioner, hooks: Sequence[Meant], attributes: Attributes, rounds: Rounds) -> None:
    """Let whoever is meant change the object. Raises ApiError."""
    if attributes.again and attributes.obj != rounds.left:
        rounds.changed()
    for meant in hooks:
        hook = meant.hook
        seen = await questioner.meets(meant, attributes)
        if seen is None or (attributes.again and hook.place not in rounds.again):
            continue
        if await _ask(questioner, meant, seen, attributes):
            rounds.changed()
        if hook.again:
            rounds.asked.add(hook.place)
    rounds.left = None if attributes.obj is None else orjson.loads(orjson.dumps(attributes.obj))


async def _ask(questioner: Questioner, meant: Meant, seen: Seen, attributes: Attributes) -> bool:
    hook = meant.hook
    place = f"round_{int(attributes.again)}_index_{meant.index}"
    about: JSON = {"configuration": hook.configuration, "webhook": hook.name}

    async def ask() -> bool:
        verdict = await questioner.question(hook, attributes, seen)
        if not verdict.patch:
            return False
        changed = await _change(questioner, hook, attributes, seen, verdict.patch)
        noted = {**about, "patch": verdict.patch, "patchType": "JSONPatch"}
        attributes.annotations[_PATCH + place] = orjson.dumps(noted).decode()
        return changed

    changed = False
    try:
        changed = await questioner.judged(meant, attributes, _PLACE + place, ask, default=False)
    finally:
        attributes.annotations[_PLACE + place] = orjson.dumps({**about, "mutated": changed}).decode()
    return changed


async def _change(questioner: Questioner, hook: Hook, attributes: Attributes, seen: Seen, patch: list[JSON]) -> bool:
    """Apply a patch; tell whether it changed anything. Raises ApiError 500, whatever its policy is."""
    if seen.obj is None:
        why = "attempted to modify the object, which is not supported for this operation"
        raise internal(f'admission webhook "{hook.name}" {why}')
    try:
        patched = json_patch.apply(seen.obj, patch)
        return attributes.take(await settled(lambda: questioner.versions.taken_back(attributes, seen, patched)))
    except (PatchError, ApiError) as error:
        raise internal(f'the patch of admission webhook "{hook.name}" cannot be applied: {error}') from error
