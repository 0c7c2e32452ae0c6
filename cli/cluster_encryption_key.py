"""`pw cluster rotate-encryption-key`: a new key for what is encrypted in the store of the cluster on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from podwright.api.resources import find
from podwright.cli.cmd_up import DATA_DIR
from podwright.cli.errors import CliError
from podwright.cli.session import Session, connect
from podwright.client.transport import Request

_SECONDS = 30.0
"""How long the control plane may take to use a new key."""


@click.command("rotate-encryption-key")
@DATA_DIR
def rotate_encryption_key(data_dir: Path) -> None:
    """Make a new key, encrypt all Secrets with it, and forget all but the key before it.

    Given again after it was interrupted, it goes on from the start: no key is forgotten before nothing needs it.
    """
    from podwright.deploy import cluster
    from podwright.deploy.encryption import begin_rotation, end_rotation

    try:
        config, running = cluster.status(data_dir)
    except cluster.ClusterError as e:
        raise CliError(str(e)) from e
    if running is None:
        raise CliError("cannot change the keys: the cluster is not running; `podwright up` starts it")
    if config.encryption_config:
        msg = f"the keys are in {config.encryption_config}, which is yours to change: put a new key first in it, then"
        raise CliError(f"{msg} `pw cluster reencrypt`")
    path = config.encryption_file
    try:
        name = begin_rotation(path)
        asyncio.run(encrypt_all(config.kubeconfig, name))
        end_rotation(path)
    except (OSError, ValueError) as e:
        msg = f"cannot change the keys in {path}: {e}"
        raise CliError(msg) from e
    click.echo(f"{name} is in use; back up {path}")


async def encrypt_all(kubeconfig: Path, name: str) -> None:
    """Return when the control plane uses a key and nothing is encrypted with another. Raises CliError, ApiError."""
    from podwright.cli.cluster_reencrypt import rewrite_all

    session = connect(str(kubeconfig), None, None)
    try:
        await _used(session, name)
        await rewrite_all(session, find("secrets"))
        if "podwright_storage_stale_values{" in await _metrics(session):
            raise CliError(
                "some Secrets are still encrypted with an old key: give the command again; no key was forgotten"
            )
    finally:
        await session.transport.close()


async def _used(session: Session, name: str) -> None:
    """Return when the control plane encrypts with a key. Raises CliError."""
    line = f'podwright_storage_first_key{{resource="secrets",cipher="aesgcm",key="{name}"}} 1'
    try:
        async with asyncio.timeout(_SECONDS):
            while line not in await _metrics(session):  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.2)
    except TimeoutError:
        msg = "the control plane does not use the new key; its log says why. Old keys are still there"
        raise CliError(msg) from None


async def _metrics(session: Session) -> str:
    answer = await session.transport.request(Request("GET", "/metrics"))
    return answer.body.decode()
