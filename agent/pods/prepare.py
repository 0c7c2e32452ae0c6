"""What a pod needs before any container: volumes, sandbox, the small files. Raises HostError."""

from __future__ import annotations

import asyncio

from podwright.agent.pods.files import hosts_text, parse_resolv_conf, pod_dns
from podwright.agent.pods.host import Host
from podwright.agent.pods.launch import Prepared
from podwright.agent.pods.ports import HostError
from podwright.agent.pods.resources import pod_limits
from podwright.agent.pods.security import sysctls
from podwright.agent.pods.spec import Pod, host_network, hostname, ref
from podwright.agent.pods.teardown import files_of


async def prepare(host: Host, pod: Pod) -> Prepared:
    """Make or complete everything; volumes and sandbox at the same time."""
    if pod["spec"].get("hostUsers") is False:
        text = "can't set `spec.hostUsers: false`, runtime does not support user namespaces"
        raise HostError("FailedCreatePodSandBox", text, retry=False)
    name = host.settings.node_name if host_network(pod) else hostname(pod)
    made = host.sandboxes.ensure(
        ref(pod), hostname=name, host_network=host_network(pod), limits=pod_limits(pod), sysctls=sysctls(pod["spec"]),
        ip=_recorded_ip(pod),
    )  # fmt: skip
    volumes, sandbox = await asyncio.gather(host.volumes.ensure(pod), made, return_exceptions=True)
    if isinstance(volumes, BaseException):
        raise volumes
    if isinstance(sandbox, BaseException):
        raise sandbox
    files = files_of(host, pod["metadata"]["uid"])
    await asyncio.to_thread(_write_files, host, pod, host.ips(pod, sandbox.ips), name)
    return Prepared(sandbox, volumes, files)


def _recorded_ip(pod: Pod) -> str:
    return "" if host_network(pod) else (pod.get("status") or {}).get("podIP") or ""


def _write_files(host: Host, pod: Pod, ips: tuple[str, ...], name: str) -> None:
    cluster = host.dns()
    settings = host.settings
    node_hosts = settings.node_hosts.read_text() if host_network(pod) and settings.node_hosts.exists() else ""
    resolv = settings.resolv_conf.read_text() if settings.resolv_conf.exists() else ""
    files_of(host, pod["metadata"]["uid"]).write(
        hosts=hosts_text(pod, ips, cluster.domain, node_hosts),
        resolv_conf=pod_dns(pod, cluster, parse_resolv_conf(resolv)).text(),
        host_name=name,
    )
