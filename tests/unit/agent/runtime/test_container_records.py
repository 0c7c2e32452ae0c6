"""What is known of a container from its folder, and what is concluded from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from podwright.agent.linux.processes import ProcessId
from podwright.agent.pods.ports import ContainerState, PodRef
from podwright.agent.runtime import conmon, naming
from podwright.agent.runtime.observe import Evidence, state
from podwright.agent.runtime.records import ContainerFolder, ContainerRecord, Processes
from podwright.agent.runtime.refusals import explain

RECORD = ContainerRecord(
    id="u_main_0", pod=PodRef("ns", "p", "u"), name="main", attempt=0, cgroup="r/podu/main_0", created_at=1.5,
    image_id="sha256:1", image_digest="x@sha256:2", log_path="/l", tty=False, stdin=True, labels={"a": "b"},
)  # fmt: skip
RUNNING = Evidence(record=True, processes=True, refused=False, exited=False, monitored=True, waiting=False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ContainerState.RUNNING),
        ({"waiting": True}, ContainerState.CREATED),
        ({"monitored": False}, ContainerState.LOST),
        ({"monitored": False, "waiting": True}, ContainerState.LOST),
        ({"exited": True, "monitored": False}, ContainerState.EXITED),
        ({"exited": True, "waiting": True}, ContainerState.EXITED),
        ({"processes": False, "monitored": False}, ContainerState.LOST),
        ({"processes": False, "monitored": False, "refused": True}, ContainerState.EXITED),
        ({"processes": False, "monitored": False, "being_created": True}, ContainerState.CREATED),
        ({"record": False}, ContainerState.LOST),
        ({"record": False, "exited": True}, ContainerState.LOST),
    ],
)
def test_state_follows_from_the_evidence(changes: dict[str, bool], expected: ContainerState) -> None:
    assert state(replace(RUNNING, **changes)) is expected


def test_folder_gives_back_what_was_written(tmp_path: Path) -> None:
    folder = ContainerFolder(tmp_path / "u_main_0")
    assert folder.record() is None
    assert folder.processes() is None
    assert folder.refusal() is None
    assert folder.exit() is None
    assert folder.started_at() == 0
    assert folder.pid_file("pid") == 0

    folder.write_record(RECORD)
    processes = Processes(ProcessId(1, 2, "b"), ProcessId(3, 4, "b"))
    folder.write_processes(processes)
    folder.write_refusal("no", 9.25)
    folder.write_started(12.125)
    (folder.path / "exit").write_text("137")
    assert folder.record() == RECORD
    assert folder.processes() == processes
    assert folder.refusal() == ("no", 9.25)
    assert folder.started_at() == 12.125
    assert folder.exit() == (137, (folder.path / "exit").stat().st_mtime)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"pod": 1}', b'{"pod": {}, "x": 1}', b"null"])
def test_damage_is_the_same_as_nothing(tmp_path: Path, damage: bytes) -> None:
    for name in ("record.json", "process.json", "started", "exit", "pid"):
        (tmp_path / name).write_bytes(damage)
    folder = ContainerFolder(tmp_path)
    assert (folder.record(), folder.processes(), folder.exit()) == (None, None, None)
    assert (folder.started_at(), folder.pid_file("pid")) == (0, 0)


def test_ids_say_whose_they_are() -> None:
    name = naming.parse("85bd8a66-4b38_my-app_12")
    assert name == naming.ContainerName("85bd8a66-4b38", "my-app", 12)
    assert name.id == "85bd8a66-4b38_my-app_12"
    assert [naming.parse(each) for each in ("", "a_b", "a_b_c", "a__1", "a_b_1_2")] == [None] * 5


@pytest.mark.parametrize(
    ("message", "command", "expected"),
    [
        ("executable file `/no` not found in $PATH: No such file or directory", ["/no"],
         'exec: "/no": stat /no: no such file or directory'),
        ("2026-01-02T03:04:05Z: executable file `no` not found in $PATH: No such", ["no"],
         'exec: "no": executable file not found in $PATH'),
        ("open executable: Permission denied\n", ["/etc/passwd"], 'exec: "/etc/passwd": permission denied'),
        ("chdir `/x`: Permission denied", ["sh"], 'chdir to working directory "/x": permission denied'),
        (('time="2026" level=error msg="runc create failed: unable to start container process: '
         'exec: \\"no\\": executable file not found in $PATH"\n'), ["no"],
         'exec: "no": executable file not found in $PATH'),
        ("2026-11-23T07:53:36.429649Z: mount `x` to `y`: Invalid argument\n", ["sh"],
         "mount `x` to `y`: Invalid argument"),
    ],
    ids=["crun absolute", "crun by name", "crun denied", "crun chdir", "runc", "something else"],
)  # fmt: skip
def test_refusals_read_the_same_for_every_runtime(message: str, command: list[str], expected: str) -> None:
    assert explain(message, command) == expected


@pytest.mark.parametrize(
    ("line", "stderr", "expected"),
    [
        (b'{"data": 4711}\n', b"", conmon.Answer(4711)),
        (b'{"data": -1, "message": "it \\"broke\\"\\n"}\n', b"", conmon.Answer(0, 'it "broke"')),
        (b'{"data": -1}\n', b"", conmon.Answer(0, "the OCI runtime failed without a message")),
        (b"", b"conmon: no log\n", conmon.Answer(0, "conmon: no log")),
        (b"", b"", conmon.Answer(0, "the monitor ended without an answer")),
        (b"garbage", b"", conmon.Answer(0, "garbage")),
    ],
)
def test_answers_of_the_monitor(line: bytes, stderr: bytes, expected: conmon.Answer) -> None:
    assert conmon.parse_answer(line, stderr) == expected


def test_monitor_keeps_stdin_only_where_it_is_wanted() -> None:
    def words(keep: bool, **changes: bool) -> list[str]:
        record = replace(RECORD, **changes)
        return conmon.argv("conmon", ["--runtime", "crun"], record, Path("/c"), Path("/e"), keep_stdin=keep)

    assert {"--stdin", "--leave-stdin-open"} <= set(words(keep=True))
    assert "--leave-stdin-open" not in words(keep=False)
    assert not {"--stdin", "--leave-stdin-open", "--terminal"} & set(words(keep=True, stdin=False))
    assert "--terminal" in words(keep=True, tty=True)
    assert conmon.resize_message(80, 24) == b"1 24 80\n"
