"""Each control of the Pod Security Standards: what passes, what does not, and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podwright.apiserver.pod_security.controls import CONTROLS, controls_of, violations
from podwright.apiserver.pod_security.level import NEWEST, Standard

GOOD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(name="c", *, bare=False, **context):
    return {"name": name, "image": "i", "securityContext": context if bare else {**GOOD, **context}}


def spec(*containers, **rest):
    return {"containers": list(containers or (container(),)), **rest}


def without(field):
    return {"name": "c", "image": "i", "securityContext": {k: v for k, v in GOOD.items() if k != field}}


def texts(level, pod, *, minor=NEWEST, annotations=None):
    return [str(v) for v in violations(Standard(level, minor), {"annotations": annotations or {}}, pod)]


def probing(field, host):
    return {**container(), field: {"httpGet": {"host": host, "port": 80}}}


BASELINE = [
    (
        "host-namespaces",
        spec(hostNetwork=True, hostPID=True, hostIPC=True),
        "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
    ),
    (
        "windows-process",
        spec(
            container(windowsOptions={"hostProcess": True}), securityContext={"windowsOptions": {"hostProcess": True}}
        ),
        'hostProcess (pod and container "c" must not set securityContext.windowsOptions.hostProcess=true)',
    ),
    (
        "privileged",
        spec(container("a", privileged=True), container("b", privileged=True)),
        'privileged (containers "a", "b" must not set securityContext.privileged=true)',
    ),
    (
        "capabilities",
        spec(container(bare=True, capabilities={"add": ["SYS_ADMIN", "CHOWN", "NET_RAW"]})),
        (
            "non-default capabilities "
            '(container "c" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)'
        ),
    ),
    (
        "host-ports",
        spec({**container(), "ports": [{"containerPort": 1, "hostPort": 90}, {"containerPort": 2, "hostPort": 8080}]}),
        'hostPort (container "c" uses hostPorts 8080, 90)',
    ),
    (
        "probes",
        spec(
            probing("livenessProbe", "b.example"),
            {**container("a"), "lifecycle": {"preStop": {"tcpSocket": {"host": "a.example", "port": 1}}}},
        ),
        'probe or lifecycle host (containers "a", "c" use probe or lifecycle hosts "a.example", "b.example")',
    ),
    (
        "proc",
        spec(container(procMount="Unmasked")),
        'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ),
    (
        "selinux",
        spec(
            container(seLinuxOptions={"type": "spc_t", "user": "u"}), securityContext={"seLinuxOptions": {"role": "r"}}
        ),
        (
            'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; '
            "user may not be set; role may not be set)"
        ),
    ),
    (
        "sysctls",
        spec(
            securityContext={
                "sysctls": [
                    {"name": n, "value": "1"} for n in ("kernel.msgmax", "net.ipv4.tcp_rmem", "net.core.somaxconn")
                ]
            }
        ),
        "forbidden sysctls (kernel.msgmax, net.core.somaxconn)",
    ),
    (
        "seccomp",
        spec(container(seccompProfile={"type": "Unconfined"})),
        'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
    ),
    (
        "apparmor",
        spec(container(appArmorProfile={"type": "Unconfined"})),
        'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")',
    ),
]


@pytest.mark.parametrize(("pod", "text"), [row[1:] for row in BASELINE], ids=[row[0] for row in BASELINE])
def test_baseline_refuses(pod, text):
    assert texts("baseline", pod) == [text]
    assert texts("privileged", pod) == []
    assert texts("restricted", pod)


ALLOWED = {
    "capabilities": spec(container(bare=True, capabilities={"add": ["CHOWN", "NET_BIND_SERVICE"]})),
    "ports": spec({**container(), "ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 0}]}),
    "probes": spec({**container(), "livenessProbe": {"httpGet": {"port": 1}}, "readinessProbe": {"exec": {}}}),
    "proc": spec(container(procMount="Default")),
    "proc-of-own-users": spec(container(procMount="Unmasked"), hostUsers=False),
    "selinux": spec(container(seLinuxOptions={"type": "container_t", "level": "s0"})),
    "selinux-engine": spec(container(seLinuxOptions={"type": "container_engine_t"})),
    "sysctls": spec(securityContext={"sysctls": [{"name": "net.ipv4.tcp_wmem", "value": "1"}]}),
    "profiles": spec(container(appArmorProfile={"type": "Localhost"}, seccompProfile={"type": "Localhost"})),
    "not-host": spec(container(windowsOptions={"hostProcess": False}), hostNetwork=False),
    "nothing": spec({"name": "c", "image": "i"}),
    "nfs": spec(volumes=[{"name": "v", "nfs": {}}]),
}


@pytest.mark.parametrize("pod", ALLOWED.values(), ids=ALLOWED)
def test_baseline_lets_in(pod):
    assert texts("baseline", pod) == []


def test_volumes_are_told_by_reason_and_by_type():
    pod = spec(volumes=[{"name": "h", "hostPath": {}}, {"name": "n", "nfs": {}}, {"name": "e", "emptyDir": {}}])
    assert texts("baseline", pod) == ['hostPath volumes (volume "h")']
    assert texts("restricted", pod) == [
        'restricted volume types (volumes "h", "n" use restricted volume types "hostPath", "nfs")'
    ]
    assert texts("restricted", spec(volumes=[{"name": "x", "newest": {}}])) == [
        'restricted volume types (volume "x" uses restricted volume type "unknown")'
    ]


def test_annotations_of_apparmor_count_as_profiles():
    prefix = "container.apparmor.security.beta.kubernetes.io/"
    given = {f"{prefix}b": "unconfined", f"{prefix}a": "x", f"{prefix}c": "localhost/p", f"{prefix}d": "", "other": "x"}
    assert texts("baseline", spec(), annotations=given) == [
        (
            "forbidden AppArmor profiles (annotations must not set AppArmor profile type to "
            f'"{prefix}a="x"", "{prefix}b="unconfined"")'
        )
    ]


def test_before_fields_seccomp_was_an_annotation():
    given = {
        "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
        "container.seccomp.security.alpha.kubernetes.io/c": "docker/default",
        "container.seccomp.security.alpha.kubernetes.io/gone": "unconfined",
    }
    pod = spec(container(seccompProfile={"type": "Unconfined"}))
    assert texts("baseline", pod, minor=18, annotations=given) == [
        'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")'
    ]
    assert texts("baseline", spec(), minor=19, annotations=given) == []


RESTRICTED = [
    (
        "escalation",
        spec(without("allowPrivilegeEscalation")),
        'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)',
    ),
    (
        "capabilities",
        spec(container(capabilities={"drop": ["NET_RAW"], "add": ["CHOWN", "NET_BIND_SERVICE"]})),
        (
            'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; '
            'container "c" must not include "CHOWN" in securityContext.capabilities.add)'
        ),
    ),
    (
        "root-by-container",
        spec(container(runAsNonRoot=False), securityContext={"runAsNonRoot": False}),
        'runAsNonRoot != true (pod and container "c" must not set securityContext.runAsNonRoot=false)',
    ),
    (
        "root-by-silence",
        spec(without("runAsNonRoot")),
        'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
    ),
    (
        "user-zero",
        spec(container(runAsUser=0), securityContext={"runAsUser": 0}),
        'runAsUser=0 (pod and container "c" must not set runAsUser=0)',
    ),
    (
        "seccomp-silence",
        spec(without("seccompProfile")),
        (
            'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
            '"Localhost")'
        ),
    ),
    (
        "proc-of-own-users",
        spec(container(procMount="Unmasked"), hostUsers=False),
        'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ),
]


@pytest.mark.parametrize(("pod", "text"), [row[1:] for row in RESTRICTED], ids=[row[0] for row in RESTRICTED])
def test_restricted_refuses_what_baseline_lets_in(pod, text):
    assert texts("restricted", pod) == [text]
    assert texts("baseline", pod) == []


RESTRICTED_ALLOWED = {
    "good": spec(),
    "by-pod": spec(
        container(
            bare=True, allowPrivilegeEscalation=False, capabilities={"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}
        ),
        securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}},
    ),
    "windows": spec({"name": "c", "image": "i", "securityContext": {"runAsNonRoot": True}}, os={"name": "windows"}),
    "own-users": spec(container(runAsUser=0, runAsNonRoot=False), hostUsers=False),
    "claims": spec(volumes=[{"name": "v", "persistentVolumeClaim": {}}, {"name": "i", "image": {}}]),
}


@pytest.mark.parametrize("pod", RESTRICTED_ALLOWED.values(), ids=RESTRICTED_ALLOWED)
def test_restricted_lets_in(pod):
    assert texts("restricted", pod) == []


@pytest.mark.parametrize(
    ("level", "pod", "before", "since"),
    [
        ("baseline", spec(container(seLinuxOptions={"type": "container_engine_t"})), 30, 31),
        ("baseline", spec(container(procMount="Unmasked"), hostUsers=False), 34, 35),
        *(
            ("baseline", spec(securityContext={"sysctls": [{"name": name, "value": "1"}]}), before, before + 1)
            for name, before in (
                ("net.ipv4.ip_local_reserved_ports", 26),
                ("net.ipv4.tcp_fin_timeout", 28),
                ("net.ipv4.tcp_rmem", 31),
            )
        ),
        ("restricted", spec(container(runAsNonRoot=False), hostUsers=False), 34, 35),
        ("restricted", spec(container(runAsUser=0), hostUsers=False), 34, 35),
        ("restricted", spec(without("seccompProfile"), os={"name": "windows"}), 24, 25),
        ("restricted", spec(without("capabilities"), os={"name": "windows"}), 24, 25),
        ("restricted", spec(without("allowPrivilegeEscalation"), os={"name": "windows"}), 24, 25),
    ],
    ids=str,
)
def test_versions_that_began_to_allow(level, pod, before, since):
    assert texts(level, pod, minor=before)
    assert texts(level, pod, minor=since) == []


@pytest.mark.parametrize(
    ("level", "pod", "since"),
    [
        ("restricted", spec(without("allowPrivilegeEscalation")), 8),
        ("restricted", spec(without("seccompProfile")), 19),
        ("restricted", spec(without("capabilities")), 22),
        ("restricted", spec(container(runAsUser=0)), 23),
        ("baseline", spec(probing("startupProbe", "h")), 34),
    ],
    ids=str,
)
def test_versions_that_began_to_refuse(level, pod, since):
    assert texts(level, pod, minor=since - 1) == []
    assert texts(level, pod, minor=since)


def test_all_kinds_of_containers_are_looked_at_in_order():
    pod = {
        "containers": [container("b", privileged=True)],
        "initContainers": [container("a", privileged=True)],
        "ephemeralContainers": [container("c", privileged=True)],
    }
    assert texts("baseline", pod) == [
        'privileged (containers "a", "b", "c" must not set securityContext.privileged=true)'
    ]


def test_baseline_comes_first_and_each_level_by_name():
    for minor in range(40):
        names = [control.name for control in controls_of(Standard("restricted", minor))]
        levels = {control.name: control.level for control in CONTROLS}
        assert names == sorted(names, key=lambda name: (levels[name], name))


_FLAGS = st.none() | st.booleans()
_PROFILES = st.none() | st.fixed_dictionaries({"type": st.sampled_from(["RuntimeDefault", "Localhost", "Unconfined"])})
_CAPABILITIES = st.lists(st.sampled_from(["ALL", "CHOWN", "NET_RAW", "NET_BIND_SERVICE"]), max_size=2)
_CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "privileged": _FLAGS,
        "allowPrivilegeEscalation": _FLAGS,
        "runAsNonRoot": _FLAGS,
        "runAsUser": st.sampled_from([0, 1]),
        "procMount": st.sampled_from(["Default", "Unmasked"]),
        "seccompProfile": _PROFILES,
        "appArmorProfile": _PROFILES,
        "capabilities": st.fixed_dictionaries({"add": _CAPABILITIES, "drop": _CAPABILITIES}),
        "seLinuxOptions": st.fixed_dictionaries({"type": st.sampled_from(["", "container_t", "spc_t"])}),
    },
)
_CONTAINERS = st.builds(lambda c: {"name": "c", "securityContext": c}, _CONTEXTS)
_VOLUMES = st.sampled_from(["hostPath", "nfs", "secret"]).map(lambda source: {"name": "v", source: {}})
_PODS = st.fixed_dictionaries(
    {"containers": st.lists(_CONTAINERS, min_size=1, max_size=2)},
    optional={
        "initContainers": st.lists(_CONTAINERS, max_size=1),
        "hostNetwork": _FLAGS,
        "hostUsers": _FLAGS,
        "volumes": st.lists(_VOLUMES, max_size=2),
        "securityContext": _CONTEXTS,
        "os": st.just({"name": "linux"}),
    },
)


@given(_PODS, st.sampled_from([*range(40), NEWEST]))
def test_privileged_refuses_nothing_and_restricted_all_that_baseline_does(pod, minor):
    assert texts("privileged", pod, minor=minor) == []
    assert texts("restricted", pod, minor=minor) or not texts("baseline", pod, minor=minor)
