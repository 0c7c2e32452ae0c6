"""`pw cluster token`: tokens that nodes join with, kept as Secrets of kube-system."""

from __future__ import annotations

import base64
import re
import secrets
import string
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import click

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.api.times import format_time, parse_time
from podwright.cli.errors import CliError
from podwright.cli.output import tables
from podwright.cli.requests import call
from podwright.cli.session import Session, api_command

JSON = dict[str, Any]
_SECRETS: Final = find("secrets")
_NAMESPACE: Final = "kube-system"
_TYPE: Final = "bootstrap.kubernetes.io/token"
_LETTERS: Final = string.ascii_lowercase + string.digits
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_INFO: Final = "/api/v1/namespaces/kube-public/configmaps/cluster-info"
_HERE: Final = ("127.0.0.1", "::1", "localhost")
_ID: Final = re.compile(r"([a-z0-9]{6})(\.[a-z0-9]{16})?")


@click.group("token")
def token() -> None:
    """Tokens that nodes join with."""


@token.command("create")
@click.option("--ttl", default="24h", show_default=True, help="How long it is good: 30m, 24h, 7d; 0 for ever.")
@click.option("--description", default="", help="What it is for.")
@click.option("--join-command", is_flag=True, help="Print the command that joins a node instead of the token.")
@click.option("--publish-cluster-info", is_flag=True, help="Let everybody read the cluster's address and CA.")
@api_command
async def create(session: Session, ttl: str, description: str, join_command: bool, publish_cluster_info: bool) -> None:
    """Make a token and print it; its secret half is shown only here."""
    from podwright.deploy.joining import BOOTSTRAPPERS, published

    seconds = _seconds(ttl)
    name = "".join(secrets.choice(_LETTERS) for _ in range(6))
    key = "".join(secrets.choice(_LETTERS) for _ in range(16))
    data = {
        "token-id": name,
        "token-secret": key,
        "usage-bootstrap-authentication": "true",
        "usage-bootstrap-signing": "true",
        "auth-extra-groups": BOOTSTRAPPERS,
    }
    if description:
        data["description"] = description
    if seconds:
        data["expiration"] = format_time(datetime.now(UTC) + timedelta(seconds=seconds))
    encoded = {each: base64.b64encode(value.encode()).decode() for each, value in data.items()}
    body: JSON = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"bootstrap-token-{name}", "namespace": _NAMESPACE},
        "type": _TYPE,
        "data": encoded,
    }
    await call(session, "POST", _SECRETS.path(_NAMESPACE), body)
    for resource, obj in published() if publish_cluster_info else ():
        try:
            whole = {"apiVersion": resource.api_version, "kind": resource.kind, **obj}
            await call(session, "POST", resource.path(obj["metadata"]["namespace"]), whole)
        except ApiError as e:
            if e.reason != "AlreadyExists":
                raise
    click.echo(await _join_command(session, f"{name}.{key}") if join_command else f"{name}.{key}")


@token.command("list")
@api_command
async def list_(session: Session) -> None:
    """Show the tokens there are, without their secret halves."""
    query = [("fieldSelector", f"type={_TYPE}")]
    found = await call(session, "GET", _SECRETS.path(_NAMESPACE), query=query)
    now = datetime.now(UTC)
    rows: list[list[str]] = []
    for item in found["items"] or ():
        data = {
            key: base64.b64decode(value).decode(errors="replace") for key, value in (item.get("data") or {}).items()
        }
        ends = data.get("expiration", "")
        usages = [use for use in ("authentication", "signing") if data.get(f"usage-bootstrap-{use}") == "true"]
        rows.append(
            [data.get("token-id", ""), _left(ends, now), ends or "<never>", ",".join(usages) or "<none>",
             data.get("auth-extra-groups", "") or "<none>", data.get("description", "") or "<none>"]
        )  # fmt: skip
    tables.show(["ID", "LEFT", "EXPIRES", "USAGES", "GROUPS", "DESCRIPTION"], rows)


@token.command("delete")
@click.argument("tokens", nargs=-1, required=True)
@api_command
async def delete(session: Session, tokens: tuple[str, ...]) -> None:
    """Make TOKENS worthless: whole ones or their ids."""
    for each in tokens:
        parts = _ID.fullmatch(each)
        if parts is None:
            msg = f"cannot delete {each.partition('.')[0]!r}: it is no token; `pw cluster token list` shows their ids"
            raise CliError(msg)
        await call(session, "DELETE", _SECRETS.path(_NAMESPACE, f"bootstrap-token-{parts[1]}"))
        click.echo(f"token {parts[1]} deleted")


async def _join_command(session: Session, made: str) -> str:
    import ssl

    from podwright.deploy.node_join import digest

    ca = session.transport.connection.ca
    if not ca:
        raise CliError("cannot print the command: the kubeconfig has no CA")
    where = (await _reached(session)).removeprefix("https://")
    return f"podwright node join --token {made} --ca-hash {digest(ssl.PEM_cert_to_DER_cert(ca.decode()))} {where}"


async def _reached(session: Session) -> str:
    """Where others reach the server: what the cluster says of itself, when we reach it on this machine only."""
    import yaml

    if (urlsplit(session.server).hostname or "") not in _HERE:
        return session.server
    try:
        found = await call(session, "GET", _INFO)
        clusters: list[JSON] = yaml.safe_load(found["data"]["kubeconfig"])["clusters"]
        return str(clusters[0]["cluster"]["server"])
    except (ApiError, KeyError, TypeError, IndexError, yaml.YAMLError):
        return session.server


def _seconds(text: str) -> int:
    found = re.fullmatch(r"(\d+)([smhd]?)", text)
    if found is None or (found[1] != "0" and not found[2]):
        msg = f"cannot use the life {text!r}: it must be like 30m, 24h or 7d; 0 for ever"
        raise CliError(msg)
    return int(found[1]) * _UNITS.get(found[2], 0)


def _left(ends: str, now: datetime) -> str:
    if not ends:
        return "<forever>"
    try:
        seconds = int((parse_time(ends) - now).total_seconds())
    except ValueError:
        return "<invalid>"
    if seconds <= 0:
        return "<expired>"
    return f"{seconds // 3600}h" if seconds >= 7200 else f"{seconds // 60}m"
