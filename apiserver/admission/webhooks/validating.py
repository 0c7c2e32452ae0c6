"""Webhooks that refuse: all are asked at the same time, and every one has to agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from podwright.api.errors import ApiError
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.seen import Seen
from podwright.apiserver.admission.webhooks.configured import Meant
from podwright.apiserver.admission.webhooks.questioner import Questioner
from podwright.client.tasks import TaskGroup

_PLACE: Final = "validating.webhook.admission.k8s.io/round_0_index_"


async def ask_all(questioner: Questioner, hooks: Sequence[Meant], attributes: Attributes) -> None:
    """Ask whoever is meant. Raises ApiError: of several refusals that of the first webhook."""
    pairs: list[tuple[Meant, Seen]] = []
    for meant in hooks:
        seen = await questioner.meets(meant, attributes)
        if seen is not None:
            pairs.append((meant, seen))
    if len(pairs) == 1:
        await _ask(questioner, *pairs[0], attributes)
        return
    refusals: dict[int, ApiError] = {}

    async def one(meant: Meant, seen: Seen) -> None:
        try:
            await _ask(questioner, meant, seen, attributes)
        except ApiError as error:
            refusals[meant.index] = error

    async with TaskGroup() as group:
        for meant, seen in pairs:
            group.create_task(one(meant, seen))
    if refusals:
        raise refusals[min(refusals)]


async def _ask(questioner: Questioner, meant: Meant, seen: Seen, attributes: Attributes) -> None:
    async def ask() -> None:
        await questioner.question(meant.hook, attributes, seen)

    await questioner.judged(meant, attributes, f"{_PLACE}{meant.index}", ask, None)
