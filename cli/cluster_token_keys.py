"""`pw cluster rotate-service-account-keys`: a new key for tokens of service accounts, while everything runs."""

from __future__ import annotations

from pathlib import Path

import click

from podwright.cli.cmd_up import DATA_DIR
from podwright.cli.errors import CliError


@click.command("rotate-service-account-keys", short_help="Sign tokens of service accounts with a new key.")
@DATA_DIR
@click.option("--forget", is_flag=True, help="Instead: end the tokens of all keys but the newest.")
def rotate_keys(data_dir: Path, *, forget: bool) -> None:
    """Sign tokens of service accounts with a new key; tokens of the keys before stay good.

    The control plane sees the new key within two seconds. Nodes renew the tokens of pods within the hour; then
    `--forget` ends what is still out there of the older keys.
    """
    from podwright.apiserver.authentication.signing_keys import SigningKeyError
    from podwright.deploy import cluster, token_keys

    try:
        config, _ = cluster.status(data_dir)
        change = token_keys.forget if forget else token_keys.rotate
        found = change(config.data / "pki")
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    except (SigningKeyError, OSError) as e:
        msg = f"cannot change the keys: {e}"
        raise CliError(msg) from e
    if forget:
        click.echo(f"forgotten: {', '.join(found)}" if found else "there is one key alone")
    else:
        click.echo(f"signs now: {found[0]}\nstays good: {', '.join(found[1:])}")
