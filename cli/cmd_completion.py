"""`pw completion`: the shell's script that completes verbs and options."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Example:  source <(pw completion bash)"""
    from click.shell_completion import get_completion_class

    program = ctx.find_root().info_name or "pw"
    cls = get_completion_class(shell)
    assert cls is not None
    click.echo(cls(ctx.find_root().command, {}, program, f"_{program.upper()}_COMPLETE").source())
