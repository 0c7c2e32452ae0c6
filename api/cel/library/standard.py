"""Which functions every expression of the API may call. They are collected when the first rule is compiled."""

from __future__ import annotations

from functools import cache

from podwright.api.cel.functions import Functions, collect


@cache
def standard() -> Functions:
    """Return the functions by name."""
    from podwright.api.cel.library.authorization import AUTHORIZATION
    from podwright.api.cel.library.conversions import CONVERSIONS
    from podwright.api.cel.library.formats import FORMATS
    from podwright.api.cel.library.lists import LISTS
    from podwright.api.cel.library.network import NETWORK
    from podwright.api.cel.library.operators import OPERATORS
    from podwright.api.cel.library.optionals import OPTIONALS
    from podwright.api.cel.library.quantities import QUANTITIES
    from podwright.api.cel.library.regex import REGEX
    from podwright.api.cel.library.semver import VERSIONS
    from podwright.api.cel.library.strings import STRINGS
    from podwright.api.cel.library.times import TIMES
    from podwright.api.cel.library.urls import URLS

    return collect((
        OPERATORS, CONVERSIONS, OPTIONALS, STRINGS, LISTS, REGEX, TIMES, QUANTITIES, URLS, NETWORK, VERSIONS, FORMATS,
        AUTHORIZATION,
    ))  # fmt: skip
