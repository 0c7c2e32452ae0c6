"""`podwright down`: end the cluster on this machine and leave the host as it was."""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.cmd_up import DATA_DIR, progress
from podwright.cli.errors import CliError


@click.command("down")
@DATA_DIR
@click.option("--purge", is_flag=True, help="Also delete objects, images, logs and certificates.")
def down(data_dir: Path, purge: bool) -> None:
    """Remove every process, mount, namespace, cgroup, link and rule of the cluster; `up` brings it back."""
    from podwright.deploy import cluster

    try:
        with progress("ending") as report:
            cluster.down(data_dir, report, purge=purge)
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    click.echo("Cluster is down." if not purge else "Cluster is down and its data is deleted.")
