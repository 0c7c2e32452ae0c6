"""`pw config`: what the kubeconfig says, and which of its contexts is used."""

from __future__ import annotations

import click

from podwright.cli.errors import CliError
from podwright.cli.parameters import completer
from podwright.cli.session import kubeconfig_files


@click.group("config")
def config() -> None:
    """Contexts of the kubeconfig in use."""


@config.command("current-context", short_help="Name the context in use.")
@click.pass_context
def current_context(ctx: click.Context) -> None:
    """Print the current context."""
    from podwright.client.kubeconfig import load

    found = load(kubeconfig_files((ctx.find_root().obj or {}).get("kubeconfig")))
    if not found.current_context:
        raise CliError("current-context is not set")
    click.echo(found.current_context)


@config.command("get-contexts", short_help="List the contexts.")
@click.pass_context
def get_contexts(ctx: click.Context) -> None:
    """Every context with its cluster, user and namespace."""
    from podwright.cli.output import tables
    from podwright.client.kubeconfig import load

    found = load(kubeconfig_files((ctx.find_root().obj or {}).get("kubeconfig")))
    rows = [
        [
            "*" if name == found.current_context else "",
            name,
            str(entry.get("cluster", "")),
            str(entry.get("user", "")),
            str(entry.get("namespace", "")),
        ]
        for name, entry in sorted(found.contexts.items())
    ]
    tables.show(["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"], rows)


@config.command("use-context", short_help="Choose the context.")
@click.argument("name", shell_complete=completer("contexts"))
@click.pass_context
def use_context(ctx: click.Context, name: str) -> None:
    """Make a context the current one, in the file that is in use."""
    from podwright.client.kubeconfig import load, with_context, write

    files = kubeconfig_files((ctx.find_root().obj or {}).get("kubeconfig"))
    holder = next((f for f in files if name in load((f,)).contexts), None)
    if holder is None:
        msg = f'no context exists with the name: "{name}"'
        raise CliError(msg)
    write(holder, with_context(load((holder,)), name))
    click.echo(f'Switched to context "{name}".')


@config.command("view", short_help="Show the kubeconfig without its secrets.")
@click.pass_context
def view(ctx: click.Context) -> None:
    """The kubeconfig with certificates and tokens left out."""
    import sys

    from podwright.cli.output import printing
    from podwright.client.kubeconfig import load

    found = load(kubeconfig_files((ctx.find_root().obj or {}).get("kubeconfig")))
    secret = {"token": "REDACTED", "password": "REDACTED"} | dict.fromkeys(
        ("certificate-authority-data", "client-certificate-data", "client-key-data"), "DATA+OMITTED"
    )

    def plain(entry: object) -> object:
        return {k: secret.get(k, v) for k, v in entry.items()} if isinstance(entry, dict) else entry

    groups = (
        ("clusters", "cluster", found.clusters),
        ("users", "user", found.users),
        ("contexts", "context", found.contexts),
    )
    content: dict[str, object] = {"apiVersion": "v1", "kind": "Config", "current-context": found.current_context}
    for plural, singular, entries in groups:
        content[plural] = [{"name": name, singular: plain(entry)} for name, entry in sorted(entries.items())]
    sys.stdout.write(printing.printer("yaml")(content))
