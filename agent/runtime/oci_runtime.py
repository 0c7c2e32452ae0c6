"""The OCI runtime of this host: which program, how it must be started, and its command lines.

crun is preferred (10 ms a container), but refuses to work while cgroup version 2 is mounted beside version 1 with a
controller in it; then it is started in a private mount namespace without that mount. runc works everywhere and is
two to four times slower. Which one works is not derived from version numbers but probed with a real container.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from podwright.agent.linux import spawn
from podwright.agent.linux.cgroups import Cgroups
from podwright.agent.linux.sealed import path_of, sealed_copy
from podwright.agent.linux.spawn import Finished, Isolation
from podwright.agent.pods.ports import HostError

log = logging.getLogger(__name__)
_PROBE_SECONDS: Final = 20.0
_NSENTER: Final = "/usr/bin/nsenter"


@dataclass(frozen=True, slots=True)
class OciRuntime:
    """One way to run containers."""

    name: str  # "crun" or "runc"
    path: str
    version: str
    root: str  # its own state folder
    isolation: Isolation
    sealed: int | None = None  # a copy of the program in sealed memory (crun only: runc's would take 10 MB)

    @property
    def label(self) -> str:
        """As a node's status names it: crun://1.8.1."""
        return f"{self.name}://{self.version}"

    @property
    def hands_over_terminals(self) -> bool:
        """Whether an exec can give us the container's terminal and still wait for the command; runc's cannot."""
        return self.name == "crun"

    @property
    def program(self) -> str:
        """What to execute."""
        return self.path if self.sealed is None else path_of(self.sealed)

    @property
    def inherited(self) -> tuple[int, ...]:
        """Descriptors that must be open in whoever executes it."""
        return () if self.sealed is None else (self.sealed,)

    def argv(self, *arguments: str) -> list[str]:
        """A command line, to be spawned with `isolation` and `inherited`."""
        return [self.program, "--root", self.root, *arguments]

    def close(self) -> None:
        """Let go of the sealed copy; monitors that run keep theirs."""
        if self.sealed is not None:
            os.close(self.sealed)

    async def run(self, *arguments: str, timeout: float, isolated: bool = True) -> Finished:
        """Run one of its short commands to the end. `timeout`: seconds. Raises OSError, TimeoutError."""
        return await spawn.run(
            self.argv(*arguments),
            pass_fds=self.inherited,
            isolation=self.isolation if isolated else None,
            timeout=timeout,
        )

    def for_conmon(self, mounts: str) -> list[str]:
        """conmon's arguments that make it call this runtime; `mounts`: the mount namespace to call it in, or ""."""
        words = self.argv()
        if mounts:
            words = [_NSENTER, f"--mount={mounts}", *words]
        return ["--runtime", words[0], *(word for argument in words[1:] for word in ("--runtime-arg", argument))]


def candidates(cgroups: Cgroups, root: str) -> list[OciRuntime]:
    """What to try, best first. A program that is not installed is not among them."""
    hidden = Isolation(hide=cgroups.hybrid_mounts)
    plain = Isolation()
    order = [("crun", hidden), ("runc", plain), ("crun", plain)] if hidden.hide else [("crun", plain), ("runc", plain)]
    search = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/usr/local/bin"
    found: list[OciRuntime] = []
    for name, isolation in order:
        path = shutil.which(name, path=search)
        if path is not None:
            found.append(OciRuntime(name, path, "", root, isolation))
    return found


async def choose(cgroups: Cgroups, root: str, cgroup: str) -> OciRuntime:
    """The first candidate that runs a container, probed below `cgroup`. Raises HostError(RuntimeNotReady)."""
    refusals: list[str] = []
    for candidate in await asyncio.to_thread(candidates, cgroups, root):
        how = f"{candidate.path}{' without ' + ', '.join(candidate.isolation.hide) if candidate.isolation.hide else ''}"
        refusal = await _probe(candidate, f"{cgroup}/probe")
        if not refusal:
            sealed = await asyncio.to_thread(sealed_copy, candidate.path) if candidate.name == "crun" else None
            chosen = replace(candidate, version=await _version(candidate), sealed=sealed)
            log.info("using OCI runtime %s (%s)", chosen.label, how)
            return chosen
        log.warning("Cannot use OCI runtime %s: %s", how, refusal)
        refusals.append(f"{how}: {refusal}")
    raise HostError("RuntimeNotReady", "; ".join(refusals) or "neither crun nor runc is installed")


async def _version(runtime: OciRuntime) -> str:
    """From the first line of its --version, "crun version 1.8.1"."""
    result = await spawn.run([runtime.path, "--version"])
    words = result.stdout.decode(errors="replace").split("\n", 1)[0].split()
    return words[2] if len(words) > 2 else "unknown"


async def _probe(runtime: OciRuntime, cgroup: str) -> str:
    """Run `true` in a container made of the host's own programs; returns why it failed, "" when it worked."""
    folder = await asyncio.to_thread(_probe_bundle, f"/{cgroup}")
    identifier = f"probe-{os.getpid()}-{folder.name[-8:]}"
    try:
        result = await runtime.run("run", "--bundle", str(folder), identifier, timeout=_PROBE_SECONDS)
    except (OSError, TimeoutError) as error:
        return str(error) or f"no answer within {_PROBE_SECONDS:.0f} s"
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    if result.returncode == 0:
        return ""
    await runtime.run("delete", "--force", identifier, timeout=_PROBE_SECONDS)
    return result.stderr.decode(errors="replace").strip() or f"exit code {result.returncode}"


def _probe_bundle(cgroup: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="podwright-probe-"))
    (folder / "rootfs").mkdir()
    (folder / "config.json").write_bytes(orjson.dumps(_probe_spec(folder / "rootfs", cgroup)))
    return folder


def _probe_spec(rootfs: Path, cgroup: str) -> dict[str, Any]:
    mounts: list[dict[str, Any]] = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
    ]
    for name in ("bin", "lib", "lib64", "usr"):
        host = Path("/", name)
        if host.is_symlink():
            (rootfs / name).symlink_to(host.readlink())
        elif host.is_dir():
            bind = {"type": "bind", "source": str(host), "options": ["rbind", "ro"]}
            mounts.append({"destination": str(host), **bind})
    kinds = ("mount", "pid", "ipc", "uts")
    process = {"args": ["/bin/true"], "cwd": "/", "env": ["PATH=/bin:/usr/bin"], "user": {"uid": 0, "gid": 0}}
    limits = {"pids": {"limit": 16}, "memory": {"limit": 64 << 20}, "devices": [{"allow": True, "access": "rwm"}]}
    return {
        "ociVersion": "1.0.2",
        "process": process,
        "root": {"path": "rootfs", "readonly": False},
        "mounts": mounts,
        "linux": {
            "cgroupsPath": cgroup,
            "namespaces": [{"type": kind} for kind in kinds],
            "resources": limits,
        },
    }
