"""Switches spelled with a value, as users of kubectl write them: `--wait=false`, `-w=true`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import click

_TRUE = frozenset(("true", "True", "TRUE", "t", "T", "1"))
_FALSE = frozenset(("false", "False", "FALSE", "f", "F", "0"))


def plain(command: click.Command, arguments: Sequence[str]) -> list[str]:
    """The arguments with such switches as the command knows them: present, absent, or their opposite."""
    switches = {name: p for p in command.params if isinstance(p, click.Option) and p.is_flag for name in p.opts}
    out: list[str] = []
    for at, argument in enumerate(arguments):
        if argument == "--":
            return [*out, *arguments[at:]]
        name, equals, value = argument.partition("=")
        switch = switches.get(name)
        if not equals or switch is None or value not in _TRUE | _FALSE:
            out.append(argument)
        elif value in _TRUE:
            out.append(name)
        elif switch.secondary_opts:
            out.append(switch.secondary_opts[0])
    return out
