"""Whole numbers that were written with a fraction, as 5.0: a schema takes them as integers, expressions do not."""

from __future__ import annotations


class Whole(int):
    """An integer in every respect; only its type tells how it was written."""

    __slots__ = ()
