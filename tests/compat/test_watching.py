"""`get -w` with both tools: one line a change, until it is interrupted."""

from __future__ import annotations

import json
import select
import signal
import subprocess

from clients import Tool


def read_until(process: subprocess.Popen[str], text: str) -> list[str]:
    """Lines up to the one with the text; the test's timeout is the bound."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if text in line:
            return lines
    raise AssertionError(f"{text!r} is not in {lines}")


def end(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    return process.returncode, err


def test_watch_a_table(tool: Tool) -> None:
    tool("create", "cm", "one", "--from-literal=a=1")
    process = tool.start("get", "cm", "-w")
    try:
        first = read_until(process, "one ")
        assert first[0].split() == ["NAME", "DATA", "AGE"]
        tool("create", "cm", "two")
        assert read_until(process, "two ")[-1].split()[:2] == ["two", "0"]
        tool("patch", "cm", "two", "-p", '{"data":{"a":"1"}}')
        assert read_until(process, "two ")[-1].split()[:2] == ["two", "1"]
    finally:
        code, err = end(process, signal.SIGINT)
    assert "Traceback" not in err
    assert code in {130, 1, -2}


def test_watch_names_with_a_selector(tool: Tool) -> None:
    process = tool.start("get", "cm", "-w", "-l", "a=b", "-o", "name")
    try:
        tool("create", "cm", "one")
        tool("label", "cm", "one", "a=b")
        assert read_until(process, "configmap/")[-1] == "configmap/one"
    finally:
        end(process, signal.SIGTERM)


def test_watch_one_object_as_json(tool: Tool) -> None:
    tool("create", "cm", "one")
    process = tool.start("get", "cm", "one", "-w", "-o", "jsonpath={.data}{'\\n'}")
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "\n"  # what was there: no data
        # kubectl leaves out the first event of its watch, which it opens at "now": it may miss a change that comes before.
        key = 0
        while not select.select([process.stdout], [], [], 1)[0]:
            key += 1
            tool("patch", "cm", "one", "-p", f'{{"data":{{"key":"{key}"}}}}')
        assert json.loads(process.stdout.readline())["key"] in {str(seen) for seen in range(1, key + 1)}
    finally:
        end(process, signal.SIGTERM)
