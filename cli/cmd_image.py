"""`podwright image`: the images that this machine's nodes have."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from podwright.agent.pods.ports import HostError
from podwright.cli.cmd_up import DATA_DIR, progress
from podwright.cli.errors import CliError
from podwright.cli.output import tables


@click.group("image")
def image() -> None:
    """The image store that the nodes of this machine share."""


@image.command("import", short_help="Take in an archive.")
@click.argument("archive", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="", help="For archives whose images carry no name.")
@DATA_DIR
def import_(archive: Path, name: str, data_dir: Path) -> None:
    """ARCHIVE as `docker save` or an OCI tool writes it."""
    from podwright.agent.images.store import ImageStore

    try:
        with progress(f"importing {archive}") as report:
            store = ImageStore(data_dir / "images")
            names = asyncio.run(
                store.import_archive(archive, name, lambda what, done, total: report(_part(what, done, total)))
            )
    except HostError as e:
        raise CliError(e.message) from e
    for found in names:
        click.echo(found)


@image.command("pull", short_help="Fetch from a registry.")
@click.argument("reference")
@DATA_DIR
def pull(reference: str, data_dir: Path) -> None:
    """Fetch an image so that pods need not wait for it."""
    from podwright.agent.images.store import ImageStore

    try:
        with progress(f"pulling {reference}") as report:
            store = ImageStore(data_dir / "images")
            found = asyncio.run(
                store.pull(reference, progress=lambda what, done, total: report(_part(what, done, total)))
            )
    except HostError as e:
        raise CliError(e.message) from e
    click.echo(found.digest or found.id)


def _part(what: str, done: int, total: int) -> str:
    short = what.removeprefix("sha256:")[:12]
    return f"{short}: {done >> 10} of {total >> 10} KiB" if total else f"{short}: {done >> 10} KiB"


@image.command("list", short_help="List the images.")
@DATA_DIR
def list_(data_dir: Path) -> None:
    """Names, ids and sizes."""
    from podwright.agent.images.store import ImageStore

    images = asyncio.run(ImageStore(data_dir / "images").list())
    rows = [
        [name, i.id.removeprefix("sha256:")[:12], f"{i.size_bytes / 1e6:.1f}MB"]
        for i in images
        for name in i.names
        if "@" not in name
    ]
    tables.show(["NAME", "ID", "SIZE"], sorted(rows))


@image.command("remove", short_help="Forget a name.")
@click.argument("reference")
@DATA_DIR
def remove(reference: str, data_dir: Path) -> None:
    """The next pod that names it pulls it anew; `prune` frees the room."""
    from podwright.agent.images.store import ImageStore

    store = ImageStore(data_dir / "images")
    try:
        found = asyncio.run(store.remove(reference))
    except HostError as e:
        raise CliError(e.message) from e
    if not found:
        msg = f"there is no image {reference}; `podwright image list` shows those there are"
        raise CliError(msg)
    click.echo(f"removed {reference}")


@image.command("prune", short_help="Delete what no image needs.")
@DATA_DIR
def prune(data_dir: Path) -> None:
    """Delete layers and blobs that no name needs. The cluster must be down: its pods and pulls may hold any of them."""
    from podwright.agent.images.store import ImageStore
    from podwright.deploy import control

    if control.ask(data_dir / "run", do="status") is not None:
        raise CliError("cannot prune while the cluster runs: its containers use layers; `podwright down` first")
    freed = asyncio.run(ImageStore(data_dir / "images").collect())
    click.echo(f"freed {freed / 1e6:.1f}MB")
