"""A container's log over a session: the request to the node, then bytes until its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

from podwright.api.times import format_micro_time
from podwright.apiserver.gateway.sessions import Session, SessionOpener, failure
from podwright.apiserver.gateway.streaming import check_log
from podwright.apiserver.streams import LogOptions
from podwright.proto.node.v1 import node_pb2 as pb

JSON = dict[str, Any]


async def open_logs(gateway: SessionOpener, pod: JSON, options: LogOptions, now: dt.datetime) -> AsyncIterator[bytes]:
    """Open a log. Raises ApiError, also for what the node refuses: its first frame says whether the log is open."""
    check_log(pod, options.container, previous=options.previous)
    since = options.since_time or ""
    if options.since_seconds is not None:
        since = format_micro_time(now - dt.timedelta(seconds=options.since_seconds))
    request = pb.Logs(
        container=options.container, follow=options.follow, previous=options.previous, timestamps=options.timestamps,
        tail_lines=options.tail_lines, limit_bytes=options.limit_bytes, since_time=since,
    )  # fmt: skip
    session = await gateway.open_session(pod, logs=request)
    frames = session.frames()
    try:
        first = await anext(frames, None)
    except BaseException:
        await session.close()
        raise
    if first is None:
        await session.close()
        if session.status is not None and session.status.get("status") == "Failure":
            raise failure(session.status)
    return _pieces(session, first, frames)


async def _pieces(session: Session, first: pb.Frame | None, frames: AsyncIterator[pb.Frame]) -> AsyncIterator[bytes]:
    try:
        if first is not None and first.data:
            yield first.data
        async for frame in frames:
            yield frame.data
    finally:
        await session.close()
