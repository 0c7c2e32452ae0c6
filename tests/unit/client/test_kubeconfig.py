"""Reading, merging and writing client configurations."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from podwright.client import kubeconfig
from podwright.client.kubeconfig import Kubeconfig, KubeconfigError

PEM = base64.b64encode(b"PEM").decode()


def write(path: Path, **content: object) -> Path:
    path.write_text(yaml.safe_dump(content))
    return path


def entry(kind: str, name: str, **content: object) -> dict[str, object]:
    return {"name": name, kind: content}


def config(tmp_path: Path, user: dict[str, object], cluster: dict[str, object] | None = None) -> Path:
    return write(
        tmp_path / "config",
        clusters=[entry("cluster", "c", server="https://h:6443", **(cluster or {}))],
        users=[entry("user", "u", **user)],
        contexts=[entry("context", "x", cluster="c", user="u", namespace="ns")],
        **{"current-context": "x"},
    )


def test_inline_certificates(tmp_path: Path) -> None:
    path = config(
        tmp_path,
        {"client-certificate-data": PEM, "client-key-data": PEM},
        {"certificate-authority-data": PEM, "tls-server-name": "other"},
    )
    found = kubeconfig.load([path]).resolve()
    assert (found.server, found.namespace, found.context) == ("https://h:6443", "ns", "x")
    assert (found.ca, found.certificate, found.key) == (b"PEM", b"PEM", b"PEM")
    assert found.server_name == "other"
    assert not found.insecure


def test_files_are_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki" / "ca.crt").write_text("CA")
    path = config(tmp_path, {"tokenFile": "token"}, {"certificate-authority": "pki/ca.crt"})
    found = kubeconfig.load([path]).resolve()
    assert found.ca == b"CA"
    assert found.token_file == str(tmp_path / "token")


def test_inline_wins_over_files(tmp_path: Path) -> None:
    path = config(tmp_path, {"token": "t", "tokenFile": "gone"}, {"certificate-authority": "gone",
                                                                 "certificate-authority-data": PEM})  # fmt: skip
    found = kubeconfig.load([path]).resolve()
    assert (found.ca, found.token, found.token_file) == (b"PEM", "t", "")


def test_several_files_merge_and_the_first_to_name_something_wins(tmp_path: Path) -> None:
    first = write(
        tmp_path / "a",
        clusters=[entry("cluster", "c", server="https://first")],
        contexts=[entry("context", "one", cluster="c")],
    )
    second = write(
        tmp_path / "b",
        clusters=[entry("cluster", "c", server="https://second"), entry("cluster", "d", server="https://d")],
        contexts=[entry("context", "two", cluster="d")],
        **{"current-context": "two"},
    )
    merged = kubeconfig.load([first, tmp_path / "missing", second])
    assert merged.resolve().server == "https://d"
    assert merged.resolve("one").server == "https://first"
    assert merged.resolve("one").namespace == "default"


def test_which_files() -> None:
    assert kubeconfig.paths({"KUBECONFIG": "/a:/b::/a", "HOME": "/h"}) == (Path("/a"), Path("/b"))
    assert kubeconfig.paths({"HOME": "/h"}) == (Path("/h/.kube/config"),)
    assert kubeconfig.paths({"KUBECONFIG": "/a"}, "/x") == (Path("/x"),)


@pytest.mark.parametrize(
    ("user", "cluster", "says"),
    [
        ({"exec": {"command": "aws"}}, {}, r"plug-ins \(exec\) are not supported; use a certificate or a token"),
        ({"auth-provider": {"name": "gcp"}}, {}, "auth-provider"),
        ({"client-certificate": "gone"}, {}, "cannot read client-certificate .*/gone: No such file"),
        ({"client-key-data": "?"}, {}, "cannot read client-key-data"),
        ({}, {"server": "h:6443"}, "its server is 'h:6443', not a URL"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, user: dict[str, object], cluster: dict[str, object], says: str) -> None:
    path = tmp_path / "config"
    write(
        path,
        clusters=[entry("cluster", "c", **{"server": "https://h", **cluster})],
        users=[entry("user", "u", **user)],
        contexts=[entry("context", "x", cluster="c", user="u")],
        **{"current-context": "x"},
    )
    with pytest.raises(KubeconfigError, match=says):
        kubeconfig.load([path]).resolve()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "cannot read .*config: while parsing"),
        ("- a", "it holds no configuration"),
        ("clusters: [{cluster: {}}]", "an entry of clusters has no name"),
    ],
)
def test_unreadable_files(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(KubeconfigError, match=says):
        kubeconfig.load([path])


def test_missing_things_say_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="no current-context"):
        kubeconfig.load([tmp_path / "none"]).resolve()
    with pytest.raises(KubeconfigError, match="no such file"):
        kubeconfig.load([tmp_path / "none"], required=True)
    with pytest.raises(KubeconfigError, match=r"cannot find context 'z' in the configuration \(there are: x\)"):
        kubeconfig.load([config(tmp_path, {})]).resolve("z")
    with pytest.raises(KubeconfigError, match="cannot read"):
        kubeconfig.load([tmp_path])


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "new" / "admin.kubeconfig"
    made = kubeconfig.single("lab", "https://127.0.0.1:6443", ca=b"CA", certificate=b"CRT", key=b"KEY")
    kubeconfig.write(path, made)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [*path.parent.iterdir()] == [path], "no temporary file stays"
    found = kubeconfig.load([path]).resolve()
    assert (found.server, found.ca, found.certificate, found.key) == ("https://127.0.0.1:6443", b"CA", b"CRT", b"KEY")
    assert found.context == "admin@lab"
    assert yaml.safe_load(path.read_text())["kind"] == "Config"


def test_switching_contexts() -> None:
    both = Kubeconfig(contexts={"a": {}, "b": {}}, current_context="a")
    assert kubeconfig.with_context(both, "b").current_context == "b"
    with pytest.raises(KubeconfigError, match="cannot find context 'c'"):
        kubeconfig.with_context(both, "c")


def test_a_token_identity() -> None:
    found = kubeconfig.single("lab", "https://h", ca=b"CA", token="secret", user="bot").resolve()
    assert (found.token, found.certificate) == ("secret", b"")


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.sampled_from(
    [
        "true",
        "No",
        "on",
        "~",
        "null",
        "1e3",
        "0x10",
        "a: b",
        "a #b",
        "- a",
        "2026-01-02",
        "'",
        "k:",
        "=",
        "<<",
        "y",
        "a\n",
    ]
)
VALUES = st.recursive(
    TEXT | st.booleans() | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXT, st.dictionaries(TEXT, VALUES, max_size=3), max_size=2))
def test_what_is_written_is_what_a_yaml_parser_reads(users: dict[str, object]) -> None:
    text = kubeconfig.dump(Kubeconfig(users=users))  # type: ignore[arg-type]
    assert yaml.safe_load(text)["users"] == [{"name": name, "user": value} for name, value in users.items()]


def test_a_written_file_is_easy_to_read() -> None:
    text = kubeconfig.dump(kubeconfig.single("lab", "https://127.0.0.1:6443", ca=b"PEM", token="t"))
    assert "clusters:\n  - name: lab\n    cluster:\n      server: https://127.0.0.1:6443\n" in text
