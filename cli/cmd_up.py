"""`podwright up`: a control plane and nodes on this machine, ready for use."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import click

from podwright.cli.errors import CliError
from podwright.cli.session import DEFAULT_DATA_DIR

DATA_DIR = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path(DEFAULT_DATA_DIR),
    envvar="PODWRIGHT_DATA_DIR",
    show_default=True,
    help="Where state, images, logs and admin.kubeconfig are.",
)


@click.command("up")
@DATA_DIR
@click.option("--nodes", type=click.IntRange(1, 240), default=None, help="How many nodes (new cluster: 3).")
@click.option(
    "--api-port", type=click.IntRange(1, 65533), default=None, help="API port; the next two are the nodes'. [6443]"
)
@click.option("--store", default=None, help="sqlite, or etcd://host:port[,host:port...]. [sqlite]")
@click.option(
    "--token-auth-file",
    type=click.Path(exists=True, path_type=Path),
    default=None,
    help='Lines of token,user,uid,"groups".',
)
@click.option(
    "--encryption-config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="EncryptionConfiguration: what is encrypted in the store. [Secrets, with a key of the cluster's own]",
)
@click.option(
    "--authentication-config",
    type=click.Path(path_type=Path),
    default=None,
    help="Other issuers whose tokens are taken, and where nobody is; none ends it. [none]",
)
@click.option(
    "--pod-security-config",
    type=click.Path(exists=True, path_type=Path),
    default=None,
    help="A PodSecurityConfiguration: defaults and exemptions.",
)
@click.option(
    "--audit-policy",
    type=click.Path(path_type=Path),
    default=None,
    help="Policy of what is recorded of requests; none ends it. [nothing is]",
)
@click.option("--audit-log", type=click.Path(path_type=Path), default=None, help="Where to. [DATA_DIR/logs/audit.log]")
@click.option("--audit-log-maxsize", type=click.IntRange(1), default=None, help="Megabytes a file. [100]")
@click.option("--audit-log-maxbackup", type=click.IntRange(0), default=None, help="Full files to keep; 0: all. [10]")
@click.option("--audit-log-maxage", type=click.IntRange(0), default=None, help="Days to keep them; 0: for ever. [0]")
@click.option("--timeout", type=float, default=120.0, show_default=True, help="Seconds to wait for the nodes.")
@click.option("--foreground", is_flag=True, help="Stay, and take the cluster down at Ctrl-C.")
def up(
    data_dir: Path,
    nodes: int | None,
    api_port: int | None,
    store: str | None,
    token_auth_file: Path | None,
    encryption_config: Path | None,
    pod_security_config: Path | None,
    authentication_config: Path | None,
    audit_policy: Path | None,
    audit_log: Path | None,
    audit_log_maxsize: int | None,
    audit_log_maxbackup: int | None,
    audit_log_maxage: int | None,
    timeout: float,
    foreground: bool,
) -> None:
    """Start the control plane and the nodes; return when all are Ready. Given again it resumes the same cluster."""
    from podwright.deploy import cluster
    from podwright.deploy.auditing import AuditOptions

    audit = AuditOptions(audit_policy, audit_log, audit_log_maxsize, audit_log_maxbackup, audit_log_maxage)
    options = cluster.UpOptions(
        data_dir,
        nodes,
        api_port,
        store,
        token_auth_file,
        encryption_config,
        pod_security_config,
        authentication_config,
        audit,
        timeout,
    )
    try:
        with progress("starting") as report:
            config = cluster.up(options, report)
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    off = [name for name, node in config.nodes.items() if node.stopped]
    click.echo(
        f"Cluster is up: {len(config.nodes) - len(off)} nodes Ready" + (f", {', '.join(off)} off" if off else "")
    )
    click.echo(f"  export KUBECONFIG={config.kubeconfig}")
    if data_dir != Path(DEFAULT_DATA_DIR):
        click.echo(f"  export PODWRIGHT_DATA_DIR={config.data}")
    if foreground:
        _stay(data_dir)


def _stay(data_dir: Path) -> None:
    """Wait for Ctrl-C or SIGTERM, then take everything down."""
    from podwright.deploy import cluster

    click.echo("Ctrl-C takes the cluster down.")
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # unblocked, Python's own handler would take them
    signal.sigwait(ends)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)
    with progress("ending") as report:
        cluster.down(data_dir, report)


@contextmanager
def progress(first: str) -> Generator[Callable[[str], None]]:
    """Shows what is being done: a spinner on a terminal, one line a step elsewhere (standard error)."""
    if not sys.stderr.isatty():
        yield lambda text: click.echo(f"{text} ...", err=True)
        return
    from rich.console import Console

    with Console(stderr=True).status(first) as status:
        yield status.update
