"""Converts objects of a definition by asking its webhook, and remembers a few answers.

One per state of a definition. Remembered are conversions that synchronous code asked for; objects of the cache keep
theirs themselves. It must never change an object's identity, whatever the webhook says.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import orjson

from podwright.api.errors import ApiError
from podwright.apiserver.custom.conversion_review import BadConversionError, converted_of, review_of
from podwright.apiserver.hooks.failing import HookError
from podwright.apiserver.hooks.owner import Hooks
from podwright.apiserver.hooks.target import HookTarget, target_of
from podwright.apiserver.registry.converting import UnconvertedError
from podwright.apiserver.registry.metadata import new_uid

log = logging.getLogger(__name__)
JSON = dict[str, Any]
_SECONDS: Final = 30.0
_LARGEST: Final = 8 * 1024 * 1024
_GROWTH: Final = 4
"""How many times as large as the question an answer may be."""
_REMEMBERED: Final = 32 * 1024 * 1024
_FEWEST: Final = 16


class Converter:
    """Asks one webhook."""

    def __init__(self, definition: JSON, hooks: Hooks) -> None:
        webhook: JSON = definition["spec"]["conversion"].get("webhook") or {}
        self._config: JSON = webhook.get("clientConfig") or {}
        self._versions: list[str] = webhook.get("conversionReviewVersions") or []
        self._hooks = hooks
        self._known: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._size = 0

    @property
    def target(self) -> HookTarget | None:
        """Where the webhook is; None when that cannot be told."""
        try:
            return target_of(self._config)
        except ValueError:
            return None

    async def convert(self, objects: Sequence[JSON], wanted: str) -> list[JSON]:
        """Objects of any versions in the wanted one, all in one question. Raises ApiError 500."""
        first = objects[0]
        group, _, version = first["apiVersion"].rpartition("/")
        start = f"conversion webhook for {group}/{version}, Kind={first['kind']}"
        try:
            review = review_of(self._versions, new_uid(), objects, wanted)
            limit = max(_LARGEST, _GROWTH * len(orjson.dumps(review)))
            answer = await self._hooks.client.ask(target_of(self._config), review, _SECONDS, limit)
            converted = converted_of(review, answer)
        except (HookError, ValueError) as error:
            self._hooks.conversions["conversion_webhook_call_failure"] += 1
            text = f"{start} failed: {error}"
            log.warning("Cannot convert %d objects to %s: %s", len(objects), wanted, text)
            raise ApiError(500, "", text) from error
        except BadConversionError as error:
            self._hooks.conversions["conversion_webhook_malformed_response_failure"] += 1
            text = f"{start}{error}" if str(error).startswith(" ") else str(error)
            log.warning("Cannot convert %d objects to %s: %s", len(objects), wanted, text)
            raise ApiError(500, "", text) from error
        self._hooks.conversions[""] += 1
        return converted

    def known(self, obj: JSON, wanted: str) -> JSON:
        """A fresh copy of an object in the wanted version. Raises UnconvertedError when that is not known yet."""
        key = (wanted, orjson.dumps(obj, option=orjson.OPT_SORT_KEYS))
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            return orjson.loads(found)

        async def learn() -> None:
            self._remember(key, orjson.dumps((await self.convert([obj], wanted))[0]))

        raise UnconvertedError(learn)

    def _remember(self, key: tuple[str, bytes], text: bytes) -> None:
        self._known[key] = text
        self._size += len(key[1]) + len(text)
        while self._size > _REMEMBERED and len(self._known) > _FEWEST:
            (_, before), after = self._known.popitem(last=False)
            self._size -= len(before) + len(after)
