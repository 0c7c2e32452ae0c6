"""A cluster on this machine: up, down, one node off and on. What `podwright up` and its siblings call.

Every step makes what is missing and leaves what is there, so that each command can be given again after anything went
wrong. Blocking, apart from waiting for nodes, which asks the API.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podwright.api.resources import find
from podwright.client import kubeconfig
from podwright.client.client import Client
from podwright.client.http import HttpConfig, HttpTransport
from podwright.client.transport import Request, TransportError
from podwright.deploy import config as configuration
from podwright.deploy import control, leftovers
from podwright.deploy.auditing import AuditOptions, changed
from podwright.deploy.config import AuditSettings, ClusterConfig, NodeEntry
from podwright.deploy.lab import network
from podwright.deploy.lab.host import HostCommandError
from podwright.deploy.lab.subnets import MAX_NODES, NoRoom, choose

JSON = dict[str, Any]
Report = Callable[[str], None]
"""Told in one line what is being done."""

_TOOLS: Mapping[str, str] = {
    # program -> Debian package
    "conmon": "conmon",
    "ip": "iproute2",
    "nft": "nftables",
    "nsenter": "util-linux",
}
_RUNTIMES = ("crun", "runc")
_OURS = (
    "config.json", "encryption.json", "pki", "admin.kubeconfig", "store", "images", "logs", "run", "nodes",
)  # fmt: skip
"""What a cluster puts into its data folder."""


class ClusterError(Exception):
    """The command cannot be carried out. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What `up` was asked for; None keeps what the cluster has (or the default for a new one)."""

    data_dir: Path
    nodes: int | None = None
    api_port: int | None = None
    store: str | None = None
    token_auth_file: Path | None = None
    encryption_config: Path | None = None
    pod_security_file: Path | None = None
    authentication_file: Path | None = None
    """Other issuers of tokens; `none` ends them."""
    audit: AuditOptions = field(default_factory=AuditOptions)
    timeout: float = 120.0


def up(options: UpOptions, report: Report) -> ClusterConfig:
    """Bring the cluster up and return when every node is Ready. Raises ClusterError."""
    _check_host()
    try:
        config = _configure(options)
        changed = config != configuration.load(options.data_dir)
        running = control.ask(_run_dir(config), do="status")
        if running is None or changed or set(running) != {"controlplane", *config.nodes}:
            _start(config, report, replace=running is not None)
        report("waiting for the nodes")
        asyncio.run(_wait_ready(config, options.timeout))
    except (HostCommandError, NoRoom, control.SupervisorError, configuration.ConfigError, OSError) as e:
        msg = f"cannot bring the cluster up: {e}"
        raise ClusterError(msg) from e
    return config


def down(data_dir: Path, report: Report, *, purge: bool = False) -> None:
    """End everything, leave the host as before; objects, images, logs stay unless `purge`. Raises ClusterError."""
    _need_root()
    config = _must_load(data_dir)
    report("ending the control plane and the agents")
    control.end(_run_dir(config))
    try:
        for name in config.nodes:
            report(f"clearing {name}")
            leftovers.clear_node(config.id, config.node_dir(name), f"{config.cgroup_root}/{name}")
            leftovers.clear_state(config.node_dir(name))
        leftovers.remove_cgroup(config.cgroup_root)
        report("removing the network")
        network.remove(config.lab)
    except (HostCommandError, leftovers.LeftoverError, OSError) as e:
        msg = f"cannot take the cluster down: {e}; `podwright down` goes on where it stopped"
        raise ClusterError(msg) from e
    if purge:
        for name in _OURS:
            path = config.data / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def node_stop(data_dir: Path, node: str, report: Report) -> None:
    """Kill a node the hard way, as a power cut does, and keep it off. Raises ClusterError."""
    config = _must_load(data_dir, node)
    configuration.save(_with_node(config, node, stopped=True))
    if control.ask(_run_dir(config), do="stop", process=node) is None:
        raise ClusterError("cannot stop the node: the cluster is not running; `podwright up` starts it")
    report(f"killing everything on {node}")
    leftovers.clear_node(config.id, config.node_dir(node), f"{config.cgroup_root}/{node}")
    network.remove_node(config.lab, node)


def node_start(data_dir: Path, node: str, report: Report, timeout: float = 60.0) -> None:
    """Switch a stopped node on and return when it is Ready. Raises ClusterError."""
    config = _must_load(data_dir, node)
    config = _with_node(config, node, stopped=False)
    configuration.save(config)
    network.ensure(config.lab)
    if control.ask(_run_dir(config), do="start", process=node) is None:
        raise ClusterError("cannot start the node: the cluster is not running; `podwright up` starts it")
    report(f"waiting for {node}")
    asyncio.run(_wait_ready(config, timeout, only=node))


def status(data_dir: Path) -> tuple[ClusterConfig, JSON | None]:
    """The configuration and the processes as the supervisor sees them (None: it does not run). Raises ClusterError."""
    config = _must_load(data_dir)
    return config, control.ask(_run_dir(config), do="status")


def renew_certificates(data_dir: Path) -> list[str]:
    """Have every certificate but the CA made anew; returns which processes were told. Raises ClusterError."""
    from podwright.deploy.certificates.showing import is_authority

    config, running = status(data_dir)
    if running is None:
        try:
            for path in (config.data / "pki").glob("*.crt"):
                if not is_authority(path):
                    path.unlink()
            for name in config.nodes:
                (config.node_dir(name) / "identity" / "node.crt").unlink(missing_ok=True)
        except OSError as e:
            msg = f"cannot renew the certificates: {e}"
            raise ClusterError(msg) from e
        return []
    try:
        answer = control.ask(_run_dir(config), do="renew") or {}
    except control.SupervisorError as e:
        msg = f"cannot renew the certificates: {e}"
        raise ClusterError(msg) from e
    return list(answer.get("renewing") or ())


# ---- configuration ---------------------------------------------------------------------------------------------------


def _configure(options: UpOptions) -> ClusterConfig:
    """The stored configuration with what was asked for, or a new one."""
    held = configuration.load(options.data_dir)
    links = {str(link["ifname"]) for link in network.ask("ip", "-json", "link", "show")}
    is_up = held is not None and held.lab.bridge in links
    subnets = held.subnets if held is not None and is_up else choose(network.networks_in_use(), held and held.subnets)
    config = held or configuration.new(options.data_dir, api_port=6443, store="sqlite", subnets=subnets)
    config = config.replace(
        subnets=subnets,
        api_port=options.api_port or config.api_port,
        store=_store(options.store) or config.store,
        token_auth_file=str(options.token_auth_file.resolve()) if options.token_auth_file else config.token_auth_file,
    )
    if options.pod_security_file:
        config = config.replace(pod_security_file=str(_checked_pod_security(options.pod_security_file)))
    if options.encryption_config:
        config = config.replace(encryption_config=str(_checked_encryption(options.encryption_config)))
    if options.authentication_file:
        config = config.replace(authentication_file=_checked_authentication(options.authentication_file))
    config = config.replace(audit=_audit(config.audit, options.audit))
    wanted = options.nodes if options.nodes is not None else len(config.nodes) or 3
    if not 1 <= wanted <= MAX_NODES:
        msg = f"cannot make {wanted} nodes: choose 1 to {MAX_NODES}"
        raise ClusterError(msg)
    nodes = {f"node-{i + 1}": config.nodes.get(f"node-{i + 1}", NodeEntry(i)) for i in range(wanted)}
    for name in config.nodes.keys() - nodes.keys():
        leftovers.clear_node(config.id, config.node_dir(name), f"{config.cgroup_root}/{name}")
        network.remove_node(config.lab, name)
    return config.replace(nodes=nodes)


def _store(given: str | None) -> str | None:
    if given is not None and not given.startswith(("sqlite", "etcd://", "etcds://")):
        msg = f"cannot use store {given!r}: it must be sqlite or etcd://host:port[,host:port...]"
        raise ClusterError(msg)
    return given


def _audit(held: AuditSettings, asked: AuditOptions) -> AuditSettings:
    from podwright.apiserver.config_file import ConfigFileError

    try:
        return changed(held, asked)
    except ConfigFileError as e:
        raise ClusterError(str(e)) from e


def _checked_encryption(path: Path) -> Path:
    """The file's full name, if it can be used: a control plane that does not start says so in its log only."""
    from podwright.apiserver.config_file import ConfigFileError
    from podwright.apiserver.encryption.configuration import read_encryption

    try:
        read_encryption(path)
    except ConfigFileError as e:
        raise ClusterError(str(e)) from e
    return path.resolve()


def _checked_authentication(path: Path) -> str:
    """The file's full name, if it can be used; "" for none."""
    from podwright.apiserver.authentication.external.configuration import read_configuration
    from podwright.apiserver.config import ServerConfig
    from podwright.apiserver.config_file import ConfigFileError

    if path == Path("none"):
        return ""
    try:
        read_configuration(path, ServerConfig().service_account_issuer)
    except ConfigFileError as e:
        raise ClusterError(str(e)) from e
    return str(path.resolve())


def _checked_pod_security(path: Path) -> Path:
    """The file's full name, if it can be used."""
    from podwright.apiserver.config_file import ConfigFileError
    from podwright.apiserver.pod_security.configuration import read_configuration

    try:
        read_configuration(path)
    except ConfigFileError as e:
        raise ClusterError(str(e)) from e
    return path.resolve()


def _with_node(config: ClusterConfig, node: str, *, stopped: bool) -> ClusterConfig:
    return config.replace(nodes={**config.nodes, node: NodeEntry(config.nodes[node].index, stopped)})


def _must_load(data_dir: Path, node: str = "") -> ClusterConfig:
    _need_root()
    try:
        config = configuration.load(data_dir)
    except configuration.ConfigError as e:
        raise ClusterError(str(e)) from e
    if config is None:
        msg = f"there is no cluster in {data_dir}; `podwright up` makes one, --data-dir names another folder"
        raise ClusterError(msg)
    if node and node not in config.nodes:
        msg = f"there is no node {node!r}; there are {', '.join(config.nodes)}"
        raise ClusterError(msg)
    return config


def _run_dir(config: ClusterConfig) -> Path:
    return config.data / "run"


# ---- the host --------------------------------------------------------------------------------------------------------


def _need_root() -> None:
    if os.geteuid() != 0:
        raise ClusterError("this needs root: network namespaces, mounts and cgroups are made; use sudo")


def _check_host() -> None:
    """Refuse before anything is made when something that is needed is missing."""
    _need_root()
    missing = [package for program, package in _TOOLS.items() if shutil.which(program) is None]
    if not any(shutil.which(runtime) for runtime in _RUNTIMES):
        missing.append("crun")
    if missing:
        msg = f"cannot run pods here: {', '.join(missing)} missing; apt-get install {' '.join(missing)}"
        raise ClusterError(msg)


def _check_ports(config: ClusterConfig) -> None:
    for port in (config.api_port, config.bootstrap_port, config.node_port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError as e:
                msg = f"port {port} is in use; choose another with --api-port (it and the two after it are needed)"
                raise ClusterError(msg) from e


# ---- starting --------------------------------------------------------------------------------------------------------


def _start(config: ClusterConfig, report: Report, *, replace: bool) -> None:
    """(Re)start supervisor, control plane and agents; containers that run go on running."""
    if replace:
        report("ending the running control plane and agents (containers go on)")
        control.end(_run_dir(config))
    else:
        control.end_orphans(_run_dir(config))
    _check_ports(config)
    configuration.save(config)
    report("making the network")
    network.ensure(config.lab)
    for name, node in config.nodes.items():
        if node.stopped:
            network.remove_node(config.lab, name)
    report("starting the control plane and the agents")
    for folder in ("run", "logs", "store", "nodes"):
        (config.data / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    programs = _run_dir(config) / "programs.json"
    programs.write_text(json.dumps(_programs(config), indent=1))
    module = "podwright.deploy.supervisor"
    command = [sys.executable, "-m", module, "--folder", str(_run_dir(config)), "--programs", str(programs)]
    with (config.data / "logs" / "supervisor.log").open("ab") as log:
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env=_environment(),
        )
    report("importing the example images")
    asyncio.run(_import_examples(config))


def _environment() -> dict[str, str]:
    """The processes' environment: ours, unbuffered, and where this code is imported from also with another cwd."""
    paths = [p for p in sys.path if p]
    # One heap for all threads: they hold little each, and glibc would give every one of them megabytes.
    return {"MALLOC_ARENA_MAX": "1", **os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(paths)}


def _programs(config: ClusterConfig) -> list[JSON]:
    """What the supervisor keeps alive; agents' configurations are written on the way."""
    python = sys.executable
    entries: list[JSON] = [
        _program(config, "controlplane", [python, "-m", "podwright.deploy.controlplane", "--data-dir", config.data_dir])
    ]
    for name, node in config.nodes.items():
        file = config.node_dir(name) / "agent.json"
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(json.dumps(_agent_config(config, name), indent=1))
        file.chmod(0o600)
        # Only the network is entered: mounts must be the host's, so that they are found and removed after a crash.
        enter = ["nsenter", f"--net=/run/netns/{config.lab.netns(name)}", "--"]
        command = [*enter, python, "-m", "podwright.agent.main", "--config", str(file)]
        entries.append({**_program(config, name, command), "stopped": node.stopped})
    return entries


def _program(config: ClusterConfig, name: str, command: list[str]) -> JSON:
    log, pid_file = config.data / "logs" / f"{name}.log", _run_dir(config) / f"{name}.pid"
    return {"name": name, "command": command, "log": str(log), "pid_file": str(pid_file)}


def _agent_config(config: ClusterConfig, node: str) -> JSON:
    gateway = config.subnets.gateway
    return {
        "cluster_id": config.id,
        "node_name": node,
        "state_dir": str(config.node_dir(node)),
        "images_dir": str(config.data / "images"),
        "cgroup_root": f"{config.cgroup_root}/{node}",
        "gateway": f"{gateway}:{config.node_port}",
        "bootstrap": f"{gateway}:{config.bootstrap_port}",
        "ca_file": str(config.data / "pki" / "ca.crt"),
        "token": config.join_token,
        "node_ip": config.subnets.node(config.nodes[node].index),
    }


async def _import_examples(config: ClusterConfig) -> None:
    """Build the images of manifests/examples into the store, once."""
    from podwright.agent.images.example import BUSYBOX_IMAGE, SERVER_IMAGE, MissingPart, build_examples
    from podwright.agent.images.store import ImageStore

    images = ImageStore(config.data / "images")
    for name in (BUSYBOX_IMAGE, SERVER_IMAGE):
        if await images.find(name) is None:
            break
    else:
        return
    try:
        await images.name(await asyncio.to_thread(build_examples, images.blobs))
    except MissingPart as e:
        raise ClusterError(str(e)) from e


# ---- waiting ---------------------------------------------------------------------------------------------------------


def connect(config: ClusterConfig) -> Client:
    """A client with the administrator's identity. Raises KubeconfigError while there is no kubeconfig yet."""
    access = kubeconfig.load((config.kubeconfig,), required=True).resolve()
    transport = HttpTransport(
        HttpConfig(server=access.server, ca=access.ca, certificate=access.certificate, key=access.key)
    )
    return Client(transport, user_agent="podwright")


async def _wait_ready(config: ClusterConfig, timeout: float, only: str = "") -> None:
    """Return when the API answers and the nodes are Ready. Raises ClusterError: what is missing, where to look."""
    logs = config.data / "logs"
    state = "the API server does not answer"
    try:
        async with asyncio.timeout(timeout):
            client = await _wait_api(config)
            try:
                while missing := await _not_ready(client, config, only):
                    state = f"not Ready: {', '.join(missing)}"
                    await asyncio.sleep(0.05)
            finally:
                await client.transport.close()
    except TimeoutError:
        msg = f"the cluster is not ready after {timeout:.0f} s: {state}; see the logs in {logs}"
        raise ClusterError(msg) from None


async def _wait_api(config: ClusterConfig) -> Client:
    while True:
        try:
            client = connect(config)
        except kubeconfig.KubeconfigError:
            await asyncio.sleep(0.02)
            continue
        try:
            answer = await client.transport.request(Request("GET", "/readyz"))
            if answer.status == 200:
                return client
        except TransportError:
            pass
        await client.transport.close()
        await asyncio.sleep(0.02)


async def _not_ready(client: Client, config: ClusterConfig, only: str) -> list[str]:
    wanted = {only} if only else {name for name, node in config.nodes.items() if not node.stopped}
    try:
        found = await client.list(find("nodes"))
    except TransportError:
        return sorted(wanted)
    ready = {
        node["metadata"]["name"]
        for node in found["items"]
        for c in (node.get("status") or {}).get("conditions") or ()
        if c["type"] == "Ready" and c["status"] == "True"
    }
    return sorted(wanted - ready)
