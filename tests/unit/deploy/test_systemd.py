"""The units for real hosts: they start modules that exist, and never take containers down with the agent."""

import configparser
from importlib.util import find_spec
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "deploy" / "systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))


def read(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=True, interpolation=None)  # strict: a setting given twice is a mistake
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((FOLDER / name).read_text())
    return unit


def test_both_processes_have_a_unit():
    assert UNITS == ["podwright-agent.service", "podwright-controlplane.service"]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_a_module_of_ours_for_ever(name):
    unit = read(name)
    command = unit["Service"]["ExecStart"].split()
    module = command[command.index("-m") + 1]
    if find_spec(module.rpartition(".")[0]) is None:
        pytest.fail(f"{module} does not exist")
    assert module.startswith("podwright.")
    assert unit["Service"]["Restart"] == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0", "systemd would give up after five quick failures"
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_containers_outlive_the_agent():
    service = read("podwright-agent.service")["Service"]
    assert service["KillMode"] == "process"
    assert service["Delegate"] == "yes"
    assert service["TasksMax"] == "infinity"
    for hidden in ("ProtectSystem", "PrivateTmp", "PrivateMounts", "ProtectHome"):
        assert hidden not in service, "a private mount namespace would hide container mounts from the host"
