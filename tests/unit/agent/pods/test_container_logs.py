"""Container logs: reading them back in every way clients ask for, following, rotation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fake_node import FakeNode, Script, container, lines, pod
from hypothesis import given
from hypothesis import strategies as st

from podwright.agent.pods import crilog
from podwright.agent.pods.logs import LogError, LogOptions, open_log, stream
from podwright.agent.pods.rotation import rotate, shift


def raw(*texts: str, partial: bool = False) -> bytes:
    made = [f"2026-01-02T03:04:{i:02}.5+00:00 stdout F {text}\n" for i, text in enumerate(texts)]
    if partial:
        made[-1] = made[-1].replace(" F ", " P ")
    return "".join(made).encode()


async def read(path: Path, **options: Any) -> str:
    return (await lines(stream(path, LogOptions("c", **options), lambda: False))).decode()


OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "a\nb\nc\n"),
    ({"tail_lines": 2}, "b\nc\n"),
    ({"tail_lines": 0}, ""),
    ({"tail_lines": 9}, "a\nb\nc\n"),
    ({"limit_bytes": 3}, "a\nb"),
    ({"limit_bytes": 4, "tail_lines": 1}, "c\n"),
    ({"timestamps": True, "tail_lines": 1}, "2026-01-02T03:04:02.5Z c\n"),
    ({"since": 1767323042.0}, "c\n"),
]


@pytest.mark.parametrize(("options", "expected"), OPTIONS)
async def test_options(tmp_path: Path, options: dict[str, Any], expected: str) -> None:
    path = tmp_path / "0.log"
    path.write_bytes(raw("a", "b", "c"))
    assert await read(path, **options) == expected


async def test_cut_lines_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    path.write_bytes(raw("from init", "no newline", partial=True))
    assert await read(path) == "from init\nno newline"


async def test_missing_and_damaged_logs(tmp_path: Path) -> None:
    assert await read(tmp_path / "none.log") == ""
    path = tmp_path / "0.log"
    path.write_bytes(b"damaged\n\n" + raw("a"))
    assert await read(path) == "a\n"


async def test_following_to_the_end_and_over_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    path.write_bytes(raw("a"))
    alive = True
    found: list[bytes] = []

    async def follow() -> None:
        async for piece in stream(path, LogOptions("c", follow=True), lambda: alive):
            found.append(piece)  # noqa: PERF401 - what came so far is looked at meanwhile

    task = asyncio.create_task(follow())
    await until(lambda: found == [b"a\n"])
    with path.open("ab") as log:
        log.write(raw("b"))
    await until(lambda: found == [b"a\n", b"b\n"])
    shift(path)
    path.write_bytes(raw("c"))
    await until(lambda: found[-1] == b"c\n")
    alive = False
    await asyncio.wait_for(task, 5)


async def until(test: Any) -> None:
    async with asyncio.timeout(5):
        while not test():  # noqa: ASYNC110 - what is waited for is a file
            await asyncio.sleep(0.01)


def test_rotation_keeps_five_files(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    for number in range(8):
        path.write_text(str(number))
        shift(path)
    assert sorted((p.name, p.read_text()) for p in tmp_path.iterdir()) == [
        ("0.log.1", "7"), ("0.log.2", "6"), ("0.log.3", "5"), ("0.log.4", "4"),
    ]  # fmt: skip


async def test_only_large_logs_are_rotated(tmp_path: Path, node: FakeNode) -> None:
    reopened: list[str] = []

    async def reopen(container_id: str) -> None:
        reopened.append(container_id)

    node.runtime.reopen_log = reopen  # type: ignore[method-assign]
    for name, size in (("big", 20), ("small", 5)):
        (tmp_path / name).write_bytes(b"x" * size)
    logs = [(name, tmp_path / name) for name in ("big", "small", "none")]
    await rotate(node.runtime, logs, limit=10)
    assert reopened == ["big"]
    assert (tmp_path / "big.1").exists()


@pytest.mark.looptime
async def test_which_attempt_is_read(node: FakeNode) -> None:
    node.runtime.scripts["c"] = [Script(seconds=1, exit_code=1)]
    worker = node.run(pod(container("c"), container("late", image="nope:1", imagePullPolicy="Never")))
    await asyncio.sleep(0.5)
    for number in (0, 1):
        path = node.host.log_path("u1", "c", number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw(f"run {number}"))

    async def text(**options: Any) -> str:
        return (await lines(open_log(node.host, worker, LogOptions("c", **options)))).decode()

    assert await text() == "run 0\n"
    with pytest.raises(LogError, match='previous terminated container "c" in pod "p" not found'):
        await text(previous=True)
    with pytest.raises(LogError, match='container "late" in pod "p" is waiting to start: ErrImageNeverPull'):
        open_log(node.host, worker, LogOptions("late"))
    await asyncio.sleep(1)
    assert await text() == "run 1\n"
    assert await text(previous=True) == "run 0\n"
    await asyncio.sleep(3)
    assert node.states("c")[-1] == "waiting CrashLoopBackOff #1"
    assert await text() == await text(previous=True) == "run 1\n"
    await node.stop()


@given(
    st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n\r"), max_size=40), max_size=30),
    st.integers(0, 35),
)
def test_tail_is_the_end_of_the_whole(texts: list[str], count: int) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        body = raw(*[t.replace("\x0b", "").replace("\x0c", "") for t in texts])
        file.write(body)
        file.flush()
        offset = crilog.tail_offset(file.fileno(), count)
    kept = body.split(b"\n")[:-1]
    assert body[offset:] == b"".join(line + b"\n" for line in kept[max(len(kept) - count, 0) :])
