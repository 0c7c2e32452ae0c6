"""The small files every container of a pod gets: /etc/hosts, /etc/resolv.conf, /etc/hostname, the termination log.

The texts are pure functions; `PodFiles` writes them below the pod's folder, which the containers see as bind mounts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from podwright.agent.pods.spec import Pod, domain, host_network, hostname

_HOSTS_HEADER = "# Kubernetes-managed hosts file"  # looked for by clients that check who manages the file
MAX_NAMESERVERS = 3
MAX_SEARCH_LENGTH = 2048
MAX_SEARCHES = 32
ETC_HOSTS = "/etc/hosts"


@dataclass(frozen=True, slots=True)
class Dns:
    """A resolver configuration."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def text(self) -> str:
        """As resolv.conf."""
        lines = [f"nameserver {server}" for server in self.nameservers]
        if self.searches:
            lines.append(f"search {' '.join(self.searches)}")
        if self.options:
            lines.append(f"options {' '.join(self.options)}")
        return "".join(line + "\n" for line in lines)


def parse_resolv_conf(text: str) -> Dns:
    """Read a resolv.conf."""
    servers: list[str] = []
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if len(words) < 2:
            continue
        if words[0] == "nameserver":
            servers.append(words[1])
        elif words[0] in ("search", "domain"):
            searches = tuple(w.rstrip(".") for w in words[1:] if w != ".")
        elif words[0] == "options":
            options = tuple(words[1:])
    return Dns(tuple(servers), searches, options)


@dataclass(frozen=True, slots=True)
class ClusterDns:
    """Where the cluster's names are answered."""

    server: str = ""
    domain: str = "cluster.local"


def pod_dns(pod: Pod, cluster: ClusterDns, host: Dns) -> Dns:
    """Apply dnsPolicy and dnsConfig. Without a cluster resolver, ClusterFirst is the host's configuration."""
    spec = pod["spec"]
    policy = spec.get("dnsPolicy") or "ClusterFirst"
    if policy == "ClusterFirst" and host_network(pod):
        policy = "Default"
    if policy == "None":
        base = Dns()
    elif policy in ("ClusterFirst", "ClusterFirstWithHostNet") and cluster.server:
        namespace = pod["metadata"].get("namespace", "")
        tail = f".{cluster.domain}" if cluster.domain else ""
        own = [f"{namespace}.svc{tail}", f"svc{tail}", *([cluster.domain] if cluster.domain else [])]
        base = Dns((cluster.server,), _unique([*own, *host.searches]), ("ndots:5",))
    else:
        base = host
    config: Mapping[str, Any] = spec.get("dnsConfig") or {}
    options: dict[str, str] = {}
    for known in base.options:
        name, _, value = known.partition(":")
        options[name] = value
    for option in config.get("options") or ():
        options[option["name"]] = option.get("value") or ""
    return Dns(
        _unique([*base.nameservers, *(config.get("nameservers") or ())])[:MAX_NAMESERVERS],
        _fitting(_unique([*base.searches, *(config.get("searches") or ())])),
        tuple(f"{name}:{value}" if value else name for name, value in options.items()),
    )


def _unique(many: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(many))


def _fitting(searches: tuple[str, ...]) -> tuple[str, ...]:
    kept: list[str] = []
    for search in searches[:MAX_SEARCHES]:
        if len(" ".join([*kept, search])) > MAX_SEARCH_LENGTH:
            break
        kept.append(search)
    return tuple(kept)


def hosts_text(pod: Pod, ips: Sequence[str], cluster_domain: str, node_hosts: str) -> str:
    """Return the text of /etc/hosts; on the host network it is the node's with the aliases added."""
    if host_network(pod):
        text = f"{_HOSTS_HEADER} (host network).\n{node_hosts}"
        if not text.endswith("\n"):
            text += "\n"
    else:
        text = (
            f"{_HOSTS_HEADER}.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
            "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
        )
        name, zone = hostname(pod), domain(pod, cluster_domain)
        for ip in ips:
            text += f"{ip}\t{name}.{zone}\t{name}\n" if zone else f"{ip}\t{name}\n"
    aliases: Sequence[Mapping[str, Any]] = pod["spec"].get("hostAliases") or ()
    if aliases:
        text += "\n# Entries added by HostAliases.\n"
        for alias in aliases:
            text += "\t".join([alias["ip"], *(alias.get("hostnames") or ())]) + "\n"
    return text


@dataclass(frozen=True, slots=True)
class PodFiles:
    """The files of one pod, below `folder` (made for it alone)."""

    folder: Path
    names: tuple[str, ...] = field(default=("hosts", "resolv.conf", "hostname"))

    def write(self, *, hosts: str, resolv_conf: str, host_name: str) -> None:
        """Write the three pod files; containers that run see new content at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in zip(self.names, (hosts, resolv_conf, host_name + "\n"), strict=True):
            path = self.folder / name
            # In place: a bind mount follows the inode, not the name.
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
                path.chmod(0o644)

    def path(self, name: str) -> str:
        """Where a pod file lies."""
        return str(self.folder / name)

    def termination_log(self, container: str, attempt: int) -> Path:
        """Where a container's last words go."""
        return self.folder / "termination" / f"{container}.{attempt}"

    def make_termination_log(self, container: str, attempt: int) -> str:
        """Create the empty file, writable by any user."""
        path = self.termination_log(container, attempt)
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o666)
        os.fchmod(fd, 0o666)
        os.close(fd)
        return str(path)
