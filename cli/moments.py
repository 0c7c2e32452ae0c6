"""`--at`: which moment of the past a verb looks at, as the server's query parameters. Pure."""

from __future__ import annotations

import re

import click

from podwright.api.times import TimeError, parse_time
from podwright.cli.errors import CliError

AT = click.option(
    "--at",
    default="",
    metavar="WHEN",
    help="As it was at: -5m, -1h30m, 2006-01-02T15:04:05Z or a resourceVersion.",
)
_SPAN = re.compile(r"-?((?:\d+[dhms])+)")


def moment(text: str) -> list[tuple[str, str]]:
    """The query of a moment; nothing for "" (now). Raises CliError."""
    if not text:
        return []
    if text.isascii() and text.isdigit():
        return [("atRevision", text)]
    span = _SPAN.fullmatch(text)
    if span:
        return [("atTime", f"-{span[1]}")]
    try:
        parse_time(text)
    except TimeError as e:
        msg = f"--at: {text!r} is no moment; give a span as -5m, a time as 2006-01-02T15:04:05Z or a resourceVersion"
        raise CliError(msg) from e
    return [("atTime", text)]
