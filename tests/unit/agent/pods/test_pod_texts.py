"""Environment, users, files, mounts and limits: what a container is given, from spec and image."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from fake_node import FakeObjects, container, pod

from podwright.agent.pods import env, expand, fields, files, mounts, resources, security, users
from podwright.agent.pods.fields import NodeAmounts
from podwright.agent.pods.ports import HostError

JSON = dict[str, Any]
NODE = NodeAmounts({"cpu": "2", "memory": "1Gi"})


def service(name: str, ip: str, *ports: JSON, namespace: str = "ns") -> JSON:
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {"clusterIP": ip, "ports": list(ports)}}


SERVICES = (
    service("kubernetes", "10.0.0.1", {"name": "https", "port": 443}, namespace="default"),
    service("my-svc", "10.0.0.2", {"port": 80}, {"name": "dns", "port": 53, "protocol": "UDP"}),
    service("headless", "None", {"port": 80}),
    service("far", "10.0.0.3", {"port": 80}, namespace="other"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(A)", "a"), ("$$(A)", "$(A)"), ("$(NO)", "$(NO)"), ("x$(A)y$(A)", "xaya"), ("$(A", "$(A"), ("$A", "$A"),
        ("$$", "$"), ("$()", "$()"), ("", ""),
    ],
)  # fmt: skip
def test_expand(text: str, expected: str) -> None:
    assert expand.expand(text, {"A": "a"}) == expected


def around(objects: FakeObjects | None = None) -> env.Surroundings:
    return env.Surroundings(objects or FakeObjects(), SERVICES, ("10.1.0.2",), ("192.0.2.2",), NODE)


def resolved(objects: FakeObjects | None = None, **spec: Any) -> dict[str, str]:
    made = pod(container("c", **spec), container("two"))
    made["metadata"] |= {"labels": {"app": "web"}, "annotations": {"note": "text"}}
    return env.container_env(made, made["spec"]["containers"][0], around(objects))


def test_variables_use_those_before_them() -> None:
    found = resolved(
        env=[
            {"name": "A", "value": "a"}, {"name": "B", "value": "$(A)-$$(A)-$(NOPE)-$(LATER)"},
            {"name": "LATER", "value": "x"}, {"name": "EMPTY"}, {"name": "S", "value": "$(MY_SVC_SERVICE_HOST)"},
        ]
    )  # fmt: skip
    assert (found["B"], found["EMPTY"], found["S"]) == ("a-$(A)-$(NOPE)-$(LATER)", "", "10.0.0.2")


FIELDS = [
    ("metadata.name", "p"), ("metadata.namespace", "ns"), ("metadata.uid", "u1"), ("metadata.labels['app']", "web"),
    ("metadata.annotations['note']", "text"), ("metadata.labels['nope']", ""), ("spec.nodeName", "node-1"),
    ("status.podIP", "10.1.0.2"), ("status.hostIP", "192.0.2.2"), ("status.podIPs", "10.1.0.2"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "expected"), FIELDS)
def test_field_refs(path: str, expected: str) -> None:
    assert resolved(env=[{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": path}}}])["X"] == expected


RESOURCES = [
    ({"resource": "limits.cpu"}, "1"), ({"resource": "limits.cpu", "divisor": "1m"}, "150"),
    ({"resource": "limits.memory"}, "67108864"), ({"resource": "requests.memory", "divisor": "1Mi"}, "30"),
    ({"resource": "limits.ephemeral-storage"}, "0"),
    ({"resource": "limits.memory", "containerName": "two"}, str(2**30)),
]  # fmt: skip


@pytest.mark.parametrize(("ref", "expected"), RESOURCES)
def test_resource_field_refs(ref: JSON, expected: str) -> None:
    amounts = {"limits": {"cpu": "150m", "memory": "64Mi"}, "requests": {"cpu": "10m", "memory": "30Mi"}}
    assert resolved(resources=amounts, env=[{"name": "X", "valueFrom": {"resourceFieldRef": ref}}])["X"] == expected


def test_objects_and_their_errors() -> None:
    objects = FakeObjects()
    objects.put("ConfigMap", "cm", data={"k": "v", "1bad=": "x", "with-dash": "y"})
    objects.put("Secret", "s", data={"k": base64.b64encode(b"secret").decode()})
    found = resolved(
        objects,
        envFrom=[{"configMapRef": {"name": "cm"}, "prefix": "P_"}, {"secretRef": {"name": "no", "optional": True}}],
        env=[
            {"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            {"name": "O", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "no", "optional": True}}},
        ],
    )
    assert (found["P_k"], found["P_with-dash"], found["S"]) == ("v", "y", "secret")
    assert "O" not in found
    assert "P_1bad=" not in found
    for spec, message in (
        ({"envFrom": [{"configMapRef": {"name": "no"}}]}, 'configmap "no" not found'),
        ({"env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "no", "key": "k"}}}]}, 'secret "no" not found'),
        (
            {"env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "no"}}}]},
            "couldn't find key no in ConfigMap ns/cm",
        ),
    ):
        with pytest.raises(HostError, match=message) as caught:
            resolved(objects, **spec)
        assert caught.value.reason == "CreateContainerConfigError"


def test_service_variables() -> None:
    found = env.service_env(SERVICES, "ns", links=True)
    assert found["KUBERNETES_SERVICE_PORT_HTTPS"] == "443"
    assert found["MY_SVC_PORT"] == "tcp://10.0.0.2:80"
    assert found["MY_SVC_PORT_53_UDP"] == "udp://10.0.0.2:53"
    assert found["MY_SVC_SERVICE_PORT_DNS"] == "53"
    assert not any(name.startswith(("HEADLESS", "FAR")) for name in found)
    assert {name.partition("_")[0] for name in env.service_env(SERVICES, "ns", links=False)} == {"KUBERNETES"}


def test_the_image_gives_way() -> None:
    found = env.merged(["PATH=/bin", "X=image"], {"X": "own"}, hostname="p", tty=True)
    assert found == ("PATH=/bin", "HOSTNAME=p", "TERM=xterm", "X=own")
    assert env.merged([], {}, hostname="p", tty=False)[0].startswith("PATH=/usr/local/sbin:")


PASSWD = users.UserFiles(
    "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\nnobody:x:65534:65534::/:\n# comment\nbad line\n",
    "root:x:0:\nextra:x:3000:app,other\napp:x:1000:\n",
)
USERS: list[tuple[str, JSON, JSON, str, tuple[int, int, tuple[int, ...]]]] = [
    ("root", {}, {}, "", (0, 0, (0,))),
    ("by number", {}, {"runAsUser": 1000}, "", (1000, 1000, (1000, 3000))),
    ("with group", {}, {"runAsUser": 1000, "runAsGroup": 3000}, "", (1000, 3000, (3000,))),
    ("group alone", {}, {"runAsGroup": 3000}, "", (0, 3000, (3000,))),
    ("unknown number", {}, {"runAsUser": 4242}, "", (4242, 0, (0,))),
    ("image name", {}, {}, "app", (1000, 1000, (1000, 3000))),
    ("image name and group", {}, {}, "app:extra", (1000, 3000, (3000,))),
    ("image numbers", {}, {}, "5:6", (5, 6, (6,))),
    ("pod", {"runAsUser": 1000, "runAsGroup": 1000, "supplementalGroups": [4000], "fsGroup": 2000}, {}, "",
     (1000, 1000, (1000, 2000, 3000, 4000))),
    ("container wins", {"runAsUser": 1000, "runAsGroup": 1000}, {"runAsUser": 65534}, "", (65534, 1000, (1000,))),
    ("strict", {"runAsUser": 1000, "supplementalGroups": [4000], "supplementalGroupsPolicy": "Strict"}, {}, "",
     (1000, 1000, (1000, 4000))),
]  # fmt: skip


@pytest.mark.parametrize(("of_pod", "own", "image", "expected"), [u[1:] for u in USERS], ids=[u[0] for u in USERS])
def test_users(of_pod: JSON, own: JSON, image: str, expected: tuple[int, int, tuple[int, ...]]) -> None:
    found = users.resolve({"securityContext": of_pod}, {"securityContext": own}, image, PASSWD, pod_name="p")
    assert (found.uid, found.gid, found.groups) == expected


NOT_ROOT: list[tuple[JSON, str, str]] = [
    ({"runAsNonRoot": True}, "", "container has runAsNonRoot and image will run as root"),
    ({"runAsNonRoot": True, "runAsUser": 0}, "", "container's runAsUser breaks non-root policy"),
    ({"runAsNonRoot": True}, "app", r"image has non-numeric user \(app\)"),
    ({}, "ghost", "unable to find user ghost"),
]


@pytest.mark.parametrize(("own", "image", "message"), NOT_ROOT)
def test_refused_users(own: JSON, image: str, message: str) -> None:
    with pytest.raises(HostError, match=message):
        users.resolve({}, {"name": "c", "securityContext": own}, image, PASSWD, pod_name="p_ns(u)")


def test_user_files_come_from_the_newest_layer(tmp_path: Path) -> None:
    for layer, text in (("1", "old"), ("2", "new")):
        (tmp_path / layer / "etc").mkdir(parents=True)
        (tmp_path / layer / "etc" / "passwd").write_text(text)
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "etc").symlink_to("/etc")
    found = users.read_user_files([str(tmp_path / n) for n in "123"])
    assert (found.passwd, found.group) == ("new", "")
    (tmp_path / "2" / "etc" / "passwd").unlink()
    (tmp_path / "2" / "etc" / "passwd").symlink_to("/etc/passwd")
    assert users.read_user_files([str(tmp_path / n) for n in "12"]).passwd == ""


def test_security_settings() -> None:
    found = security.resolve(
        {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}},
        {"securityContext": {"privileged": True, "allowPrivilegeEscalation": False, "procMount": "Unmasked",
                             "capabilities": {"add": ["net_admin"], "drop": ["ALL"]}}},
    )  # fmt: skip
    assert (found.privileged, found.no_new_privileges, found.masked_proc) == (True, True, False)
    assert (found.add_capabilities, found.drop_capabilities) == (("CAP_NET_ADMIN",), ("ALL",))
    assert found.seccomp == "RuntimeDefault"


CLUSTER = files.ClusterDns("10.0.0.10")
HOST_DNS = files.Dns(("192.0.2.53",), ("corp",), ("timeout:1",))
OWN = "nameserver 10.0.0.10\nsearch ns.svc.cluster.local svc.cluster.local cluster.local corp"
DNS: list[tuple[str, JSON, str]] = [
    ("cluster", {}, f"{OWN}\noptions ndots:5\n"),
    ("default", {"dnsPolicy": "Default"}, "nameserver 192.0.2.53\nsearch corp\noptions timeout:1\n"),
    ("host network", {"hostNetwork": True}, "nameserver 192.0.2.53\nsearch corp\noptions timeout:1\n"),
    ("none", {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["1.1.1.1"], "options": [{"name": "rotate"}]}},
     "nameserver 1.1.1.1\noptions rotate\n"),
    ("merged", {"dnsConfig": {"searches": ["x"], "options": [{"name": "ndots", "value": "2"}]}},
     f"{OWN} x\noptions ndots:2\n"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "expected"), [d[1:] for d in DNS], ids=[d[0] for d in DNS])
def test_resolv_conf(spec: JSON, expected: str) -> None:
    assert files.pod_dns(pod(**spec), CLUSTER, HOST_DNS).text() == expected


def test_resolv_conf_is_read_as_it_is_written() -> None:
    assert files.parse_resolv_conf("# c\n" + HOST_DNS.text() + "\n") == HOST_DNS
    assert files.pod_dns(pod(), files.ClusterDns(), HOST_DNS) == HOST_DNS


def test_hosts() -> None:
    plain = files.hosts_text(pod(), ("10.1.0.2",), "cluster.local", "")
    assert plain.endswith("\n10.1.0.2\tp\n")
    named = files.hosts_text(pod(hostname="h", subdomain="s"), ("10.1.0.2",), "cluster.local", "")
    assert named.endswith("\n10.1.0.2\th.s.ns.svc.cluster.local\th\n")
    aliased = files.hosts_text(pod(hostAliases=[{"ip": "1.2.3.4", "hostnames": ["a", "b"]}]), (), "", "")
    assert aliased.endswith("\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n")
    assert files.hosts_text(pod(hostNetwork=True), (), "", "127.0.0.1 me").endswith("(host network).\n127.0.0.1 me\n")


def test_pod_files_keep_their_inode(tmp_path: Path) -> None:
    made = files.PodFiles(tmp_path / "f")
    made.write(hosts="a", resolv_conf="b", host_name="p")
    inode = Path(made.path("hosts")).stat().st_ino
    made.write(hosts="c", resolv_conf="b", host_name="p")
    assert Path(made.path("hosts")).stat().st_ino == inode
    assert Path(made.path("hosts")).read_text() == "c"
    log = Path(made.make_termination_log("c", 3))
    assert log.stat().st_mode & 0o777 == 0o666


def test_mounts() -> None:
    spec = container(
        "c",
        volumeMounts=[
            {"name": "v", "mountPath": "/a/b", "readOnly": True}, {"name": "v", "mountPath": "/a", "subPath": "x"},
            {"name": "v", "mountPath": "/e", "subPathExpr": "$(WHO)", "mountPropagation": "HostToContainer"},
            {"name": "v", "mountPath": "/etc/hosts"},
        ],
    )  # fmt: skip
    found = mounts.volume_mounts(spec, {"v": "/vol"}, {"WHO": "me"})
    assert [(m.mount.target, m.sub) for m in found] == [("/a/b", ""), ("/a", "x"), ("/e", "me"), ("/etc/hosts", "")]
    assert found[2].mount.propagation == "rslave"
    made = mounts.with_files([m.mount for m in found], files.PodFiles(Path("/f")))
    targets = [m.target for m in made]
    assert targets.index("/a") < targets.index("/a/b")
    assert targets.count("/etc/hosts") == 1
    assert "/etc/resolv.conf" in targets


@pytest.mark.parametrize(
    ("mount", "message"),
    [
        ({"subPath": "../x"}, "must not contain"), ({"subPath": "/x"}, "must not be an absolute path"),
        ({"subPathExpr": "$(NO)"}, 'missing value for "NO"'), ({"name": "w"}, 'cannot find volume "w"'),
    ],
)  # fmt: skip
def test_refused_mounts(mount: JSON, message: str) -> None:
    spec = container("c", volumeMounts=[{"name": "v", "mountPath": "/a", **mount}])
    with pytest.raises(HostError, match=message):
        mounts.volume_mounts(spec, {"v": "/vol"}, {})


LIMITS: list[tuple[JSON, tuple[int | None, int | None, int | None]]] = [
    ({}, (2, None, None)),
    ({"requests": {"cpu": "100m"}}, (102, None, None)),
    ({"limits": {"cpu": "150m", "memory": "64Mi"}}, (153, 15000, 64 << 20)),
    ({"limits": {"cpu": "1m"}}, (2, 1000, None)),
    ({"requests": {"cpu": "1000"}}, (262144, None, None)),
]


@pytest.mark.parametrize(("amounts", "expected"), LIMITS)
def test_container_limits(amounts: JSON, expected: tuple[int | None, int | None, int | None]) -> None:
    found = resources.container_limits(container("c", resources=amounts))
    assert (found.cpu_shares, found.cpu_quota_us, found.memory_bytes) == expected


def sized(name: str, cpu: str, memory: str | None = None, **fields: Any) -> JSON:
    limits = {"cpu": cpu, **({"memory": memory} if memory else {})}
    return container(name, resources={"requests": {"cpu": cpu}, "limits": limits}, **fields)


def test_pod_limits_are_sums_where_all_have_one() -> None:
    found = resources.pod_limits(pod(sized("a", "100m", "64Mi"), sized("b", "200m", "32Mi")))
    assert (found.cpu_shares, found.cpu_quota_us, found.memory_bytes) == (307, 30000, 96 << 20)
    partly = resources.pod_limits(pod(sized("a", "100m", "64Mi"), sized("b", "200m")))
    assert partly.memory_bytes is None


def test_the_larger_of_init_and_main_counts() -> None:
    inits = [sized("i", "900m"), sized("s", "100m", restartPolicy="Always"), sized("j", "500m")]
    assert resources.pod_requests(pod(sized("a", "200m"), initContainers=inits))["cpu"] == 900
    assert resources.pod_requests(pod(sized("a", "800m"), initContainers=inits))["cpu"] == 900
    assert resources.pod_requests(pod(sized("a", "900m"), initContainers=inits))["cpu"] == 1000
    overhead = pod(sized("a", "900m"), initContainers=inits, overhead={"cpu": "10m"})
    assert resources.pod_requests(overhead)["cpu"] == 1010


def test_unknown_fields_are_named() -> None:
    with pytest.raises(fields.FieldError, match=r"unsupported fieldPath: spec\.nope"):
        fields.field_value(pod(), "spec.nope")
    assert fields.field_value({"metadata": {"name": "p", "uid": "u", "labels": {"b": 'x"y', "a": "1"}}, "spec": {}},
                              "metadata.labels") == 'a="1"\nb="x\\"y"'  # fmt: skip


@pytest.mark.parametrize(
    ("source", "read_only"),
    [("configMap", True), ("secret", True), ("downwardAPI", True), ("projected", True), ("emptyDir", False)],
)
def test_what_the_node_keeps_up_to_date_is_read_only(source: str, read_only: bool) -> None:
    kept = mounts.kept_by_node({"volumes": [{"name": "v", source: {}}]})
    spec = {"volumeMounts": [{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b", "subPath": "x"}]}
    found = mounts.volume_mounts(spec, {"v": "/vol"}, {}, kept)
    assert [each.mount.read_only for each in found] == [read_only, read_only]
