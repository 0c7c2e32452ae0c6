"""Image store: names, layers, archives, builds, in temporary folders."""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest

from podwright.agent.images.blobs import BlobError, Blobs
from podwright.agent.images.build import Entry, Recipe, build, layer_tar
from podwright.agent.images.manifest import ManifestError, select_platform
from podwright.agent.images.reference import InvalidReference, parse
from podwright.agent.images.store import ImageStore
from podwright.agent.images.unpack import UnpackError, unpack
from podwright.agent.pods.ports import HostError

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("busybox", "docker.io/library/busybox:latest"),
        ("busybox:1.36", "docker.io/library/busybox:1.36"),
        ("team/app", "docker.io/team/app:latest"),
        ("localhost/app", "localhost/app:latest"),
        ("localhost:5000/app:1", "localhost:5000/app:1"),
        ("reg.example.com/a/b/c:v1", "reg.example.com/a/b/c:v1"),
        (f"busybox@{DIGEST}", f"docker.io/library/busybox@{DIGEST}"),
        (f"reg:5000/app:1@{DIGEST}", f"reg:5000/app:1@{DIGEST}"),
        ("index.docker.io/library/x:1", "docker.io/library/x:1"),
    ],
)
def test_reference_is_normalized(text: str, full: str) -> None:
    assert str(parse(text)) == full


@pytest.mark.parametrize(
    "text", ["", "Bad//Image:::x", "UPPER", "a b", "x:", "x@sha256:12", "-x", "a//b", "re_g.io:x/a"]
)
def test_bad_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidReference):
        parse(text)


def test_blob_is_checked_and_complete_or_absent(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    with pytest.raises(BlobError, match="damaged"):
        blobs.add(b"content", DIGEST)
    assert list(blobs.root.iterdir()) == []
    digest = blobs.add([b"con", b"tent"])
    assert blobs.read(digest) == b"content"
    with pytest.raises(BlobError):
        blobs.path("sha256:../../etc/passwd")


def _tar(*members: tuple[str, bytes, str]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, data in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data.encode()))
            else:
                info.linkname = data
                tar.addfile(info)
    out.seek(0)
    return out


@pytest.mark.parametrize(
    "members",
    [
        [("../evil", tarfile.REGTYPE, "x")],
        [("a/../../evil", tarfile.REGTYPE, "x")],
        [("h", tarfile.LNKTYPE, "../outside")],
        [(".wh...", tarfile.REGTYPE, "")],
        [(".wh..", tarfile.REGTYPE, "")],
    ],
    ids=["dotdot", "inner dotdot", "hard link", "whiteout of ..", "whiteout of ."],
)
def test_hostile_layer_is_refused(tmp_path: Path, members: list[tuple[str, bytes, str]]) -> None:
    target = tmp_path / "in" / "layer"
    target.mkdir(parents=True)
    with pytest.raises(UnpackError):
        unpack(_tar(*members), target)
    assert {p.name for p in tmp_path.rglob("*")} == {"in", "layer"}


@pytest.mark.parametrize("link", ["/", "../../..", "/../.."])
def test_symlinks_never_lead_out(tmp_path: Path, link: str) -> None:
    target = tmp_path / "in" / "layer"
    target.mkdir(parents=True)
    unpack(_tar(("esc", tarfile.SYMTYPE, link), ("esc/file", tarfile.REGTYPE, "x")), target)
    assert (target / "file").read_text() == "x"
    assert not (tmp_path / "file").exists()


def test_symlink_loop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnpackError, match="too many symlinks"):
        unpack(_tar(("a", tarfile.SYMTYPE, "b"), ("b", tarfile.SYMTYPE, "a"), ("a/x", tarfile.REGTYPE, "")), tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="making device nodes and trusted attributes needs root")
def test_whiteouts_become_overlayfs_marks(tmp_path: Path) -> None:
    unpack(
        _tar(
            ("d", tarfile.DIRTYPE, ""),
            ("d/.wh.gone", tarfile.REGTYPE, ""),
            ("o", tarfile.DIRTYPE, ""),
            ("o/.wh..wh..opq", tarfile.REGTYPE, ""),
            (".wh.again", tarfile.REGTYPE, ""),
            ("again", tarfile.DIRTYPE, ""),
            ("kept", tarfile.REGTYPE, "new"),
            (".wh.kept", tarfile.REGTYPE, ""),
        ),
        tmp_path,
    )
    gone = (tmp_path / "d" / "gone").lstat()
    assert stat.S_ISCHR(gone.st_mode)
    assert gone.st_rdev == 0
    assert os.getxattr(tmp_path / "o", "trusted.overlay.opaque") == b"y"
    assert os.getxattr(tmp_path / "again", "trusted.overlay.opaque") == b"y"
    assert (tmp_path / "kept").read_text() == "new"


def test_damaged_layer_is_an_error(tmp_path: Path) -> None:
    whole = layer_tar({"f": Entry(b"x" * 5000)})
    with pytest.raises(UnpackError):
        unpack(io.BytesIO(whole[:3000]), tmp_path)


def test_layers_are_reproducible() -> None:
    entries = {"b": Entry(b"2"), "a": Entry(b"1"), "l": Entry("a")}
    assert layer_tar(entries) == layer_tar(dict(reversed(entries.items())))


RECIPE = Recipe(
    [{"f": Entry(b"base", 0o644)}, {"g": Entry(b"top", 0o600)}], {"Cmd": ["/f"], "Env": ["A=b"], "User": "7"}
)


async def test_built_image_is_found_by_name_and_id(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    await store.name({str(parse("ex:1")): build(RECIPE, store.blobs)})
    image = await store.find("ex:1")
    assert image
    assert (image.config.cmd, image.config.env, image.config.user) == (("/f",), ("A=b",), "7")
    assert [sorted(os.listdir(layer)) for layer in image.layers] == [["f"], ["g"]]
    assert await ImageStore(tmp_path).find(image.id) == image
    assert await store.find("ex:2") is None
    with pytest.raises(HostError) as refused:
        await store.find("Bad//x")
    assert refused.value.reason == "InvalidImageName"


async def test_collect_removes_what_nothing_names(tmp_path: Path) -> None:
    store = ImageStore(tmp_path)
    await store.name({str(parse("keep")): build(RECIPE, store.blobs)})
    other = Recipe([RECIPE.layers[0], {"h": Entry(b"other")}])
    await store.name({str(parse("drop")): build(other, store.blobs)})
    before = len(list(store.blobs.root.iterdir()))
    assert await store.remove("drop")
    assert not await store.remove("drop")
    assert await store.collect() > 0
    assert len(list(store.blobs.root.iterdir())) == before - 3  # one layer, one config, one manifest
    assert await store.find("keep")
    assert await store.find("drop") is None


def _archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


async def test_docker_archive_is_imported(tmp_path: Path) -> None:
    layer = layer_tar({"hello": Entry(b"world")})
    import hashlib

    config = json.dumps(
        {"config": {"Cmd": ["/hello"]}, "rootfs": {"diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}
    ).encode()
    manifest = [{"Config": "c.json", "RepoTags": ["app:1"], "Layers": ["l/layer.tar"]}]
    files = {"manifest.json": json.dumps(manifest).encode(), "c.json": config, "l/layer.tar": layer}
    store = ImageStore(tmp_path / "store")
    assert await store.import_archive(_archive(tmp_path / "a.tar", files)) == ["docker.io/library/app:1"]
    image = await store.find("app:1")
    assert image
    assert (Path(image.layers[0]) / "hello").read_bytes() == b"world"
    assert image.digest == ""


async def test_oci_archive_is_imported(tmp_path: Path) -> None:
    source = ImageStore(tmp_path / "source")
    await source.name({str(parse("app:2")): build(RECIPE, source.blobs)})
    files = {
        str(p.relative_to(source.root)): p.read_bytes()
        for p in source.root.rglob("*")
        if p.is_file() and "layers" not in p.parts and not p.name.startswith(".")
    }
    archive = _archive(tmp_path / "oci.tar", files)
    packed = tmp_path / "oci.tar.gz"
    packed.write_bytes(gzip.compress(archive.read_bytes()))
    for path, name in ((archive, ""), (packed, "other:9")):
        store = ImageStore(tmp_path / f"store{name[:1]}")
        names = await store.import_archive(path, name)
        image = await store.find(names[0])
        assert image
        assert image.config.cmd == ("/f",)


async def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "store")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(HostError, match="not a readable image archive"):
        await store.import_archive(tmp_path / "text")
    with pytest.raises(HostError, match=r"neither index\.json"):
        await store.import_archive(_archive(tmp_path / "x.tar", {"a": b""}))
    with pytest.raises(HostError, match="No such file"):
        await store.import_archive(tmp_path / "absent")


def test_platform_is_chosen_and_absence_explained() -> None:
    index = {
        "manifests": [
            {"digest": "sha256:1", "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": "sha256:2", "platform": {"os": "linux", "architecture": "amd64"}},
        ]
    }
    assert select_platform(index, "x86_64").digest == "sha256:2"
    with pytest.raises(ManifestError, match=r"linux/riscv64.*linux/arm64, linux/amd64"):
        select_platform(index, "riscv64")
