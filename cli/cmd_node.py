"""`podwright node stop|start`: switch a node of this machine's cluster off, the hard way, and on again."""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.cmd_up import DATA_DIR, progress
from podwright.cli.errors import CliError


@click.group("node")
def node() -> None:
    """Nodes of the cluster on this machine."""


@node.command("stop", short_help="Kill a node and keep it off.")
@click.argument("name")
@DATA_DIR
def stop(name: str, data_dir: Path) -> None:
    """As a power cut: every process of the node is killed. Its pods come up elsewhere."""
    from podwright.deploy import cluster

    try:
        with progress(f"stopping {name}") as report:
            cluster.node_stop(data_dir, name, report)
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    click.echo(f"{name} is off")


@node.command("start", short_help="Switch a node on.")
@click.argument("name")
@DATA_DIR
def start(name: str, data_dir: Path) -> None:
    """Start the node's agent again and wait until it is Ready."""
    from podwright.deploy import cluster

    try:
        with progress(f"starting {name}") as report:
            cluster.node_start(data_dir, name, report)
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    click.echo(f"{name} is Ready")
