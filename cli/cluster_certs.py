"""`pw cluster certs`: the certificates of the cluster on this machine, and their renewal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from podwright.cli.cmd_up import DATA_DIR
from podwright.cli.errors import CliError
from podwright.cli.output import tables

if TYPE_CHECKING:
    from podwright.deploy.certificates.showing import Shown

_NEAR_DAYS = 365  # of the CA's end, which nobody can put off


@click.group("certs", invoke_without_command=True)
@DATA_DIR
@click.option("-o", "--output", type=click.Choice(["json"]), help="Print a document.")
@click.pass_context
def certs(ctx: click.Context, data_dir: Path, output: str | None) -> None:
    """For whom each certificate is, until when, and who renews it."""
    if ctx.invoked_subcommand is not None:
        return
    from podwright.deploy import cluster
    from podwright.deploy.certificates.showing import certificates

    try:
        config, _ = cluster.status(data_dir)
        found = list(certificates(config))
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    except (OSError, ValueError) as e:
        msg = f"cannot read the cluster's certificates: {e}"
        raise CliError(msg) from e
    now = datetime.now(UTC)
    if output == "json":
        click.echo(json.dumps({"items": [_document(each, now) for each in found]}, indent=4))
        return
    header = ["NAME", "SUBJECT", "SANS", "ISSUER", "EXPIRES", "DAYS LEFT", "RENEWED BY"]
    rows = [
        [each.name, each.subject, ",".join(each.names) or "<none>", each.issuer, f"{each.expires:%Y-%m-%d %H:%M}",
         str(each.days_left(now)), each.renewed_by]
        for each in found
    ]  # fmt: skip
    tables.show(header, rows)
    left = found[0].days_left(now)
    if left < _NEAR_DAYS:
        click.echo(f"Warning: the cluster's CA ends in {left} days; no certificate outlives it", err=True)


def _document(shown: Shown, now: datetime) -> dict[str, Any]:
    def stamp(moment: datetime) -> str:
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    return {
        "name": shown.name,
        "subject": shown.subject,
        "subjectAlternativeNames": list(shown.names),
        "issuer": shown.issuer,
        "expires": stamp(shown.expires),
        "daysLeft": shown.days_left(now),
        "renews": stamp(shown.renews) if shown.renews is not None else None,
        "renewedBy": shown.renewed_by,
    }


@certs.command("renew", short_help="Make all certificates anew now.")
@DATA_DIR
def renew(data_dir: Path) -> None:
    """Have the control plane and the agents make their certificates anew; what is connected stays so.

    The CA stays. A cluster that is down makes them anew when it comes up.
    """
    from podwright.deploy import cluster

    try:
        told = cluster.renew_certificates(data_dir)
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    click.echo(f"renewing: {', '.join(told)}" if told else "the cluster is down: certificates are made anew by `up`")
