"""`podwright status`: the processes of the cluster on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.cmd_up import DATA_DIR
from podwright.cli.errors import CliError
from podwright.cli.output import tables


@click.command("status")
@DATA_DIR
def status(data_dir: Path) -> None:
    """Control plane and agents: whether they run, and how often they were started again."""
    from podwright.deploy import cluster

    try:
        config, processes = cluster.status(data_dir)
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    if processes is None:
        raise CliError("the cluster is not running; `podwright up` starts it")
    rows: list[list[str]] = []
    for name, found in processes.items():
        state = "Off" if found["stopped"] else "Running" if found["pid"] else "Starting"
        address = config.subnets.node(config.nodes[name].index) if name in config.nodes else f"port {config.api_port}"
        rows.append([name, state, str(found["pid"] or ""), str(found["restarts"]), address])
    tables.show(["NAME", "STATE", "PID", "RESTARTS", "ADDRESS"], rows)
