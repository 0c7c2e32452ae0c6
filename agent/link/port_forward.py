"""A connection to a port on a pod's own loopback, made from outside its network namespace."""

from __future__ import annotations

import asyncio
import os
import socket

from podwright.agent.linux import libc
from podwright.agent.linux.threads import in_own_thread

CONNECT_SECONDS = 5.0


async def connect_inside(netns: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to 127.0.0.1:port inside a network namespace (a path; "" is this one). Raises OSError."""
    made = await asyncio.to_thread(in_own_thread, lambda: _socket(netns))
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
            return await asyncio.open_connection(sock=made)
    except BaseException:
        made.close()
        raise


def _socket(netns: str) -> socket.socket:
    """Make a socket that belongs to the namespace; the thread that made it ends right after."""
    if netns:
        fd = os.open(netns, os.O_RDONLY | os.O_CLOEXEC)
        try:
            libc.setns(fd, libc.CLONE_NEWNET)
        finally:
            os.close(fd)
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    return made
