"""One command's connection: which server, which namespace, and the loop it runs on.

`api_command` turns an async function into a verb: it adds the options that every verb has, connects, runs, disconnects.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import click

from podwright.cli.errors import CliError
from podwright.cli.parameters import completer

if TYPE_CHECKING:
    from podwright.cli.http1 import Http1Transport
    from podwright.client.http import HttpTransport

DEFAULT_DATA_DIR = "/var/lib/podwright"

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Session:
    """What a verb works with. `namespace` is the one of -n (then it was given), of the context, or "default"."""

    transport: Http1Transport
    namespace: str
    namespace_given: bool = False

    @property
    def server(self) -> str:
        """The server's URL."""
        return self.transport.connection.server

    @asynccontextmanager
    async def websockets(self) -> AsyncGenerator[HttpTransport]:
        """A transport of the same server and identity that can open websockets; closed afterwards."""
        from podwright.client.http import HttpConfig, HttpTransport

        chosen = self.transport.connection
        transport = HttpTransport(
            HttpConfig(
                server=chosen.server,
                ca=chosen.ca,
                certificate=chosen.certificate,
                key=chosen.key,
                token=chosen.token,
                token_file=chosen.token_file,
                username=chosen.username,
                password=chosen.password,
                server_name=chosen.server_name,
                insecure=chosen.insecure,
            )
        )
        try:
            yield transport
        finally:
            await transport.close()


def kubeconfig_files(given: str | None) -> tuple[Path, ...]:
    """The file given, else those of $KUBECONFIG, else this machine's cluster's, else the user's own."""
    from podwright.client.kubeconfig import paths

    local = Path(os.environ.get("PODWRIGHT_DATA_DIR", DEFAULT_DATA_DIR)) / "admin.kubeconfig"
    if given or os.environ.get("KUBECONFIG") or not os.access(local, os.R_OK):
        return paths(os.environ, given or "")
    return (local,)


def connect(kubeconfig: str | None, context: str | None, namespace: str | None) -> Session:
    """Read the kubeconfig and make a client (nothing is sent yet). Raises CliError."""
    from podwright.cli.http1 import Http1Transport
    from podwright.client.kubeconfig import KubeconfigError, load

    files = kubeconfig_files(kubeconfig)
    try:
        config = load(files, required=bool(kubeconfig))
        if not config.contexts:
            msg = f"no cluster is configured in {', '.join(map(str, files))}"
            raise CliError(f"{msg}; `podwright up` makes one, --kubeconfig or $KUBECONFIG choose a file")
        chosen = config.resolve(context or "")
    except KubeconfigError as e:
        raise CliError(str(e)) from e
    return Session(Http1Transport(chosen), namespace or chosen.namespace, bool(namespace))


def api_command(function: Callable[Concatenate[Session, P], Awaitable[None]]) -> Callable[..., None]:
    """Make an async function a verb's callback; put it below the verb's own options."""

    @click.option("--kubeconfig", help="Which kubeconfig file to use.", hidden=True)
    @click.option("--context", help="Which of its contexts.", hidden=True, shell_complete=completer("contexts"))
    @click.option("-n", "--namespace", help="Namespace to work in.", shell_complete=completer("names", "namespaces"))
    @click.pass_context
    @functools.wraps(function)
    def run(
        ctx: click.Context,
        /,
        *args: Any,
        kubeconfig: str | None,
        context: str | None,
        namespace: str | None,
        **kwargs: Any,
    ) -> None:
        common: dict[str, str | None] = ctx.find_root().obj or {}

        async def with_session() -> None:
            session = connect(
                kubeconfig or common.get("kubeconfig"),
                context or common.get("context"),
                namespace or common.get("namespace"),
            )
            try:
                await function(session, *args, **kwargs)
            finally:
                await session.transport.close()

        asyncio.run(with_session())

    return run
