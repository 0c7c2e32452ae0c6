"""`pw cluster`: what belongs to the cluster as a whole: certificates, keys, and tokens that nodes join with."""

from __future__ import annotations

import click

from podwright.cli.cluster_certs import certs
from podwright.cli.cluster_encryption_key import rotate_encryption_key
from podwright.cli.cluster_reencrypt import reencrypt
from podwright.cli.cluster_token import token
from podwright.cli.cluster_token_keys import rotate_keys


@click.group("cluster")
def cluster() -> None:
    """Look after the cluster's certificates, keys and join tokens."""


for command in (certs, reencrypt, rotate_encryption_key, token, rotate_keys):
    cluster.add_command(command)
