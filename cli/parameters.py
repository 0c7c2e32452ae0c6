"""Arguments and options that many verbs have, each with what completes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def completer(name: str, *arguments: str) -> Completer:
    """A completer of `completing`, imported when it is asked."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from podwright.cli import completing

        made = getattr(completing, name)
        if name in {"objects", "names"}:
            made = made(*arguments)
        return made(ctx, param, incomplete)

    return complete


def what(*only: str) -> Decorator:
    """TYPE, TYPE NAME..., TYPE/NAME...; `only`: the plurals that make sense."""
    return click.argument("what", nargs=-1, shell_complete=completer("objects", *only))


def filename(text: str, *, required: bool = False) -> Decorator:
    """-f, as often as wanted."""
    return click.option("-f", "--filename", multiple=True, required=required, type=click.Path(), help=text)


def output(text: str) -> Decorator:
    """-o."""
    return click.option("-o", "--output", default="", help=text, shell_complete=completer("forms"))


NODES = click.argument("nodes", nargs=-1, required=True, shell_complete=completer("names", "nodes"))
POD = click.argument("what", shell_complete=completer("one_pod"))
CONTAINER = click.option(
    "-c", "--container", default="", help="Which container of the pod.", shell_complete=completer("containers")
)
MANIFESTS = "File, folder or - (standard input)."
