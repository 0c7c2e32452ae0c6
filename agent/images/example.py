"""The images of `manifests/examples`, made of what the machine has: Debian's static busybox and a few lines of shell.

Two layers, so that both images share the lower one: `podwright.dev/busybox:1` is busybox alone,
`podwright.dev/simpleserver:1` adds an HTTP server that answers with its pod's name.
"""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from podwright.agent.images.blobs import Blobs
from podwright.agent.images.build import Entry, Recipe, build
from podwright.agent.images.manifest import Descriptor
from podwright.agent.images.reference import parse

BUSYBOX_IMAGE = "podwright.dev/busybox:1"
SERVER_IMAGE = "podwright.dev/simpleserver:1"
_BUSYBOX = Path("/bin/busybox")
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_SERVER = b"""#!/bin/sh
# Answer every request for / on port $PORT (8080) with this pod's name.
mkdir -p /www
hostname > /www/index.html
echo "simpleserver: $(hostname) serves on port ${PORT:-8080}"
httpd -f -v -p "${PORT:-8080}" -h /www &
server=$!
trap 'kill $server' TERM INT # the first process of a container must ask for signals: it gets no defaults
wait $server
"""


class MissingPart(Exception):
    """This machine lacks what the example images are made of."""


def build_examples(blobs: Blobs) -> dict[str, Descriptor]:
    """Build both images and return name -> manifest. Raises MissingPart."""
    base = _base_layer()
    server = {"usr/local/bin/simpleserver": Entry(_SERVER)}
    recipes = {
        BUSYBOX_IMAGE: Recipe([base], {"Cmd": ["sh"], "Env": [_PATH]}),
        SERVER_IMAGE: Recipe(
            [base, server],
            {"Entrypoint": ["simpleserver"], "Env": [_PATH, "PORT=8080"], "ExposedPorts": {"8080/tcp": {}}},
        ),
    }
    return {str(parse(name)): build(recipe, blobs) for name, recipe in recipes.items()}


def _is_static(binary: bytes) -> bool:
    """Whether a 64-bit ELF program names no interpreter (program header PT_INTERP, 3) that would load libraries."""
    offset, size, count = (*struct.unpack_from("<Q", binary, 32), *struct.unpack_from("<HH", binary, 54))
    return all(struct.unpack_from("<I", binary, offset + i * size)[0] != 3 for i in range(count))


def _base_layer() -> dict[str, Entry]:
    try:
        binary = _BUSYBOX.read_bytes()
        listing = subprocess.run([_BUSYBOX, "--list"], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as e:
        msg = f"cannot build the example images: {e}; install Debian's busybox-static (apt-get install busybox-static)"
        raise MissingPart(msg) from e
    if not _is_static(binary):
        msg = f"cannot build the example images: {_BUSYBOX} is not static; apt-get install busybox-static"
        raise MissingPart(msg)
    layer = {
        name: Entry() for name in ("bin", "dev", "etc", "home", "proc", "root", "sys", "usr", "usr/local/bin", "var")
    }
    layer["usr/local"] = Entry()
    layer["tmp"] = Entry(mode=0o1777)
    layer["bin/busybox"] = Entry(binary)
    layer.update({f"bin/{name}": Entry("busybox", 0o777) for name in listing.split() if name != "busybox"})
    layer["etc/passwd"] = Entry(
        b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", mode=0o644
    )
    layer["etc/group"] = Entry(b"root:x:0:\nnogroup:x:65534:\n", mode=0o644)
    return layer
