"""The server as a process of its own."""

import asyncio
import contextlib
import signal
import sys
from dataclasses import dataclass


@dataclass
class Running:
    """Where it listens, and its process."""

    url: str
    pid: int


@contextlib.asynccontextmanager
async def process(folder):
    """A running server with the administrator's token "tok"; it must end well."""
    tokens = folder / "tokens.csv"
    tokens.write_text('tok,admin,1,"system:masters"\n')
    command = (sys.executable, "-m", "podwright.apiserver.main", "--port", "0", "--data-dir", str(folder / "data"))
    server = await asyncio.create_subprocess_exec(
        *command, "--token-auth-file", str(tokens), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert server.stdout is not None
    try:
        async with asyncio.timeout(30):
            url = (await server.stdout.readline()).decode().strip()
        yield Running(url, server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            code = await server.wait()
    assert code == 0
