"""The container configuration that an OCI runtime gets, field by field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from podwright.agent.pods.ports import ContainerConfig, HostError, Image, ImageConfig, Limits, Mount, PodRef, Sandbox
from podwright.agent.runtime import capabilities, oci_spec
from podwright.agent.runtime.host_facts import Device, HostFacts, bounding_set, oom_floor

POD = PodRef("default", "web", "uid")
SANDBOX = Sandbox(POD, "/run/netns/x", "/s/ipc", "/s/uts", ("10.0.0.2",), "root/poduid", "/s/shm")
CONFIG = ContainerConfig(
    id="uid_main_0", pod=POD, name="main", attempt=0, image=Image("sha256:1", "", (), 1, ("/l",), ImageConfig()),
    args=("run", "it"), env=("A=1",), working_dir="", mounts=(), limits=Limits(), sandbox=SANDBOX, log_path="/log",
    hostname="web",
)  # fmt: skip
FACTS = HostFacts(
    pure_v2=False, swap_accounting=True, capabilities=frozenset(capabilities.ALL), oom_score_floor=-1000, seccomp=True,
    apparmor=False,
)  # fmt: skip


def build(facts: HostFacts = FACTS, devices: tuple[Device, ...] = (), **changes: Any) -> dict[str, Any]:
    seccomp = {"defaultAction": "X"}
    return oci_spec.build(
        replace(CONFIG, **changes), facts, cgroup="root/poduid/main_0", seccomp=seccomp, devices=devices
    )


def mounted(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {mount["destination"]: mount for mount in spec["mounts"]}


def test_plain_container() -> None:
    spec = build()
    process = spec["process"]
    assert process["args"] == ["run", "it"]
    assert process["cwd"] == "/"
    assert process["env"] == [oci_spec.PATH, "HOSTNAME=web", "A=1"]
    assert process["user"] == {"uid": 0, "gid": 0, "umask": 0o22}
    assert set(process["capabilities"]) == {"bounding", "effective", "permitted"}
    assert set(process["capabilities"]["bounding"]) == capabilities.DEFAULT
    assert (process["terminal"], process["noNewPrivileges"], process["oomScoreAdj"]) == (False, False, 0)
    assert spec["root"] == {"path": "rootfs", "readonly": False}
    assert spec["linux"]["cgroupsPath"] == "/root/poduid/main_0"
    assert spec["linux"]["maskedPaths"] == list(oci_spec.MASKED)
    assert spec["linux"]["readonlyPaths"] == list(oci_spec.READ_ONLY)
    assert spec["linux"]["seccomp"] == {"defaultAction": "X"}
    assert mounted(spec)["/dev/shm"]["source"] == "/s/shm"
    assert "ro" in mounted(spec)["/sys/fs/cgroup"]["options"]


@pytest.mark.parametrize(
    ("changes", "facts", "expected"),
    [
        ({}, {}, {"mount": "", "pid": "", "network": "/run/netns/x", "ipc": "/s/ipc", "uts": "/s/uts"}),
        ({"host_pid": True}, {}, {"mount": "", "network": "/run/netns/x", "ipc": "/s/ipc", "uts": "/s/uts"}),
        ({"host_ipc": True}, {}, {"mount": "", "pid": "", "network": "/run/netns/x", "uts": "/s/uts"}),
        (
            {"share_process_namespace_pid": 42},
            {},
            {"mount": "", "pid": "/proc/42/ns/pid", "network": "/run/netns/x", "ipc": "/s/ipc", "uts": "/s/uts"},
        ),
        (
            {"sandbox": replace(SANDBOX, netns="", utsns="")},
            {"pure_v2": True},
            {"mount": "", "pid": "", "ipc": "/s/ipc", "cgroup": ""},
        ),
        ({"sandbox": replace(SANDBOX, netns="", utsns=""), "privileged": True}, {"pure_v2": True},
         {"mount": "", "pid": "", "ipc": "/s/ipc"}),
    ],
    ids=["usual", "host pid", "host ipc", "shared pid", "host network on v2", "privileged on v2"],
)  # fmt: skip
def test_namespaces(changes: dict[str, Any], facts: dict[str, Any], expected: dict[str, str]) -> None:
    spec = build(replace(FACTS, **facts), **changes)
    assert {each["type"]: each.get("path", "") for each in spec["linux"]["namespaces"]} == expected


@pytest.mark.parametrize(
    ("limits", "swap", "expected"),
    [
        (Limits(), True, {}),
        (Limits(cpu_shares=2, cpu_quota_us=-1), True, {"cpu": {"shares": 2, "quota": -1, "period": 100_000}}),
        (Limits(memory_bytes=5), True, {"memory": {"limit": 5, "swap": 5}}),
        (Limits(memory_bytes=5, pids=9), False, {"memory": {"limit": 5}, "pids": {"limit": 9}}),
        (Limits(memory_bytes=-1, pids=-1), True, {}),
    ],
    ids=["none", "cpu", "memory with swap", "memory and pids", "unlimited"],
)
def test_limits(limits: Limits, swap: bool, expected: dict[str, Any]) -> None:
    resources = build(replace(FACTS, swap_accounting=swap), limits=limits)["linux"]["resources"]
    del resources["devices"]
    assert resources == expected


def test_devices_are_denied_first_and_then_few_allowed() -> None:
    rules = build()["linux"]["resources"]["devices"]
    assert rules[0] == {"allow": False, "access": "rwm"}
    assert all(rule["allow"] for rule in rules[1:])
    assert {"allow": True, "type": "c", "major": 1, "minor": 3, "access": "rwm"} in rules
    assert not [rule for rule in rules[1:] if "major" not in rule and rule["access"] != "m"]


def test_privileged_container_gets_it_all() -> None:
    device = Device("/dev/kvm", "c", 10, 232, 0o660, 0, 5)
    spec = build(devices=(device,), privileged=True, drop_capabilities=("ALL",))
    assert spec["process"]["capabilities"]["bounding"] == list(capabilities.ALL)
    assert spec["linux"]["resources"]["devices"] == [{"allow": True, "access": "rwm"}]
    assert spec["linux"]["devices"] == [
        {"path": "/dev/kvm", "type": "c", "major": 10, "minor": 232, "fileMode": 0o660, "uid": 0, "gid": 5}
    ]
    assert not {"maskedPaths", "readonlyPaths", "seccomp"} & set(spec["linux"])
    assert "rw" in mounted(spec)["/sys"]["options"]
    assert "devices" not in build(devices=(device,))["linux"]


def test_own_mounts_come_outer_first_and_replace_the_usual_ones() -> None:
    mounts = (
        Mount("/h/deep", "/data/a/b", read_only=True),
        Mount("/h/data", "/data/", propagation="rslave"),
        Mount("", "/dev/shm", type="tmpfs", options=("size=9m",)),
    )
    spec = build(mounts=mounts)
    assert [mount["destination"] for mount in spec["mounts"]][-3:] == ["/data/", "/dev/shm", "/data/a/b"]
    assert mounted(spec)["/data/a/b"]["options"] == ["rbind", "rprivate", "ro"]
    assert mounted(spec)["/data/"]["options"] == ["rbind", "rslave", "rw"]
    assert mounted(spec)["/dev/shm"]["type"] == "tmpfs"
    assert spec["linux"]["rootfsPropagation"] == "rslave"
    assert build()["linux"]["rootfsPropagation"] == "rprivate"
    assert build(mounts=(*mounts, Mount("/x", "/x", propagation="rshared")))["linux"]["rootfsPropagation"] == "rshared"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, "/s/shm"), ({"host_ipc": True}, "/dev/shm"), ({"sandbox": replace(SANDBOX, shm="")}, "shm")],
    ids=["the pod's", "the host's", "its own"],
)
def test_shared_memory_goes_with_the_ipc_namespace(changes: dict[str, Any], expected: str) -> None:
    assert mounted(build(**changes))["/dev/shm"]["source"] == expected


def test_given_environment_wins() -> None:
    env = build(env=("PATH=/x", "TERM=vt100", "HOSTNAME=other"), tty=True)["process"]["env"]
    assert env == ["PATH=/x", "TERM=vt100", "HOSTNAME=other"]
    assert "TERM=xterm" in build(tty=True)["process"]["env"]


def test_exec_takes_everything_but_the_command_from_the_container() -> None:
    spec = build(uid=7, working_dir="/w")
    found = oci_spec.exec_process(spec, ["sh"], tty=True)
    assert (found["args"], found["terminal"], found["cwd"], found["user"]["uid"]) == (["sh"], True, "/w", 7)
    assert found["env"][-1] == "TERM=xterm"
    assert spec["process"]["args"] == ["run", "it"]


def test_users_and_rights() -> None:
    process = build(uid=5, gid=6, additional_gids=(7, 8), no_new_privileges=True, oom_score_adj=-998)["process"]
    assert process["user"] == {"uid": 5, "gid": 6, "umask": 0o22, "additionalGids": [7, 8]}
    assert (process["noNewPrivileges"], process["oomScoreAdj"]) == (True, -998)
    assert build(replace(FACTS, oom_score_floor=3), oom_score_adj=-998)["process"]["oomScoreAdj"] == 3


def test_what_this_host_cannot_do_is_refused() -> None:
    with pytest.raises(HostError, match="AppArmor") as caught:
        build(apparmor="localhost/strict")
    assert (caught.value.reason, caught.value.retry) == ("CreateContainerError", False)
    able = replace(FACTS, apparmor=True)
    assert build(able, apparmor="localhost/strict")["process"]["apparmorProfile"] == "strict"
    assert "apparmorProfile" not in build(apparmor="unconfined")["process"]


@pytest.mark.parametrize(
    ("add", "drop", "expected"),
    [
        ((), ("ALL",), set()),
        (("NET_BIND_SERVICE",), ("all",), {"CAP_NET_BIND_SERVICE"}),
        (("CAP_NET_ADMIN",), (), capabilities.DEFAULT | {"CAP_NET_ADMIN"}),
        (("ALL",), ("sys_admin",), set(capabilities.ALL) - {"CAP_SYS_ADMIN"}),
        ((), ("CHOWN",), capabilities.DEFAULT - {"CAP_CHOWN"}),
        (("OF_A_NEWER_KERNEL",), ("another",), capabilities.DEFAULT),
    ],
    ids=["drop all", "drop all, add one", "add one", "add all, drop one", "drop one", "unknown-ones"],
)
def test_capabilities(add: tuple[str, ...], drop: tuple[str, ...], expected: set[str]) -> None:
    assert set(capabilities.resolve(add, drop, privileged=False, available=capabilities.ALL)) == expected


def test_capabilities_that_the_host_lacks_are_not_asked_for() -> None:
    available = bounding_set("Name:\tx\nCapBnd:\t000001fffeffffff\n")
    assert set(capabilities.ALL) - available == {"CAP_SYS_RESOURCE"}
    assert capabilities.resolve(("ALL",), (), privileged=False, available=available) == [
        name for name in capabilities.ALL if name != "CAP_SYS_RESOURCE"
    ]
    assert (oom_floor(available, 200), oom_floor(frozenset(capabilities.ALL), 200)) == (200, -1000)
