"""Which queues a flow may use: a hand of distinct cards, dealt from a number that the flow's name gives.

Two flows rarely share a whole hand, so a flow that fills its queues leaves others at least one that is free. Pure.
"""

from __future__ import annotations

import hashlib


def hand_of(schema: str, flow: str, queues: int, size: int) -> tuple[int, ...]:
    """The queues of a flow: `size` different ones of `queues`, always the same."""
    digest = hashlib.sha256(f"{len(schema)}:{schema}{flow}".encode("utf-8", "surrogateescape")).digest()
    return deal(int.from_bytes(digest[:16], "big"), queues, size)


def deal(number: int, deck: int, size: int) -> tuple[int, ...]:
    """Take `size` different cards of 0..deck-1, each choice made by a digit of the number."""
    taken: list[int] = []  # in rising order
    hand: list[int] = []
    for left in range(deck, deck - min(size, deck), -1):
        number, card = divmod(number, left)
        for other in taken:  # the card-th of those that are left
            if card >= other:
                card += 1
            else:
                break
        taken.append(card)
        taken.sort()
        hand.append(card)
    return tuple(hand)
