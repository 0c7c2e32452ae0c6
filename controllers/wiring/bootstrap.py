"""What wakes the controllers of join tokens, and what they look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from podwright.controllers.actions import Plan
from podwright.controllers.bootstrap import cleaning, signing
from podwright.controllers.bootstrap.tokens import NAMESPACE, Token, token_of
from podwright.controllers.caches import TOKENS, Caches
from podwright.controllers.controller import Controller, Look, Trigger
from podwright.controllers.meta import Whole

_INFO = f"{signing.NAMESPACE}/{signing.NAME}"


def cleaner(caches: Caches, workers: int) -> Controller:
    """Return the controller that removes tokens that have expired."""

    def decide(key: str, look: Look) -> Plan:
        return cleaning.clean(_whole(caches.secrets.get(key)), look.now)

    def by_token(_old: Any, new: Any) -> Iterator[str]:
        if isinstance(new, Whole):
            yield new.meta.key

    return Controller(
        name="token-cleaner", triggers=(Trigger(caches.secrets, by_token),), decide=decide, workers=workers
    )


def signer(caches: Caches, workers: int) -> Controller:
    """Return the controller that signs the cluster's address and CA."""

    def tokens() -> Iterator[Token]:
        for secret in caches.secrets.by_index(TOKENS, NAMESPACE):
            token = token_of(secret) if isinstance(secret, Whole) and secret.meta.deleted is None else None
            if token is not None:
                yield token

    def decide(key: str, look: Look) -> Plan:
        return signing.sign(_whole(caches.config_maps.get(key)), tokens(), look.now)

    def by_token(old: Any, new: Any) -> Iterator[str]:
        if isinstance(old, Whole) or isinstance(new, Whole):
            yield _INFO

    def by_info(old: Any, new: Any) -> Iterator[str]:
        if (new if new is not None else old).meta.key == _INFO:
            yield _INFO

    return Controller(
        name="bootstrap-signer",
        triggers=(Trigger(caches.secrets, by_token), Trigger(caches.config_maps, by_info)),
        decide=decide,
        workers=workers,
    )


def _whole(item: Any) -> Whole | None:
    return item if isinstance(item, Whole) else None
