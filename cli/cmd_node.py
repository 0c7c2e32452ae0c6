"""`podwright node`: switch a node of this machine's cluster off and on again; join a cluster elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.cmd_up import DATA_DIR, progress
from podwright.cli.errors import CliError


@click.group("node")
def node() -> None:
    """Nodes of the cluster on this machine, and this machine as a node elsewhere."""


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


@node.command("join", short_help="Make this machine a node of a cluster elsewhere.")
@click.argument("server")
@click.option("--token", required=True, help="ID.SECRET, as `pw cluster token create` prints it.")
@click.option("--ca-hash", "hashes", multiple=True, required=True, help="sha256:... of the cluster's CA.")
@click.option("--name", default="", help="The node's name. [the machine's]")
@click.option("--node-ip", default="", help="The node's address. [the one on the way to SERVER]")
@click.option("--state-dir", type=click.Path(path_type=Path), default=None, help="Where the node keeps its state.")
@click.option("--run", is_flag=True, help="Run the agent, and stay.")
def join(
    server: str, token: str, hashes: tuple[str, ...], name: str, node_ip: str, state_dir: Path | None, run: bool
) -> None:
    """Trade a token for this node's certificate, from the cluster whose API answers at SERVER (host or host:port).

    The token goes nowhere unless the cluster's CA has the digest. The node's key is made here and stays here.
    """
    import asyncio
    import os
    import shlex
    import socket

    from podwright.deploy import node_join

    try:
        host, port = node_join.parse_server(server)
        folder = state_dir or Path(node_join.DEFAULT_STATE_DIR)
        named = name or socket.gethostname().partition(".")[0].lower()
        file = asyncio.run(node_join.join(node_join.Joining(host, port, token, hashes, named, folder, node_ip)))
    except node_join.NodeJoinError as e:
        raise CliError(str(e)) from e
    command = node_join.agent_command(file)
    click.echo(f"{named} has joined")
    if run:
        os.execv(command[0], command)  # noqa: S606 - the agent takes this process's place
    click.echo(f"  start it with: {shlex.join(command)}")
