"""How long a client waits while another one makes noise: `python tests/bench/noisy_client.py [--seconds 6]`.

Starts an API server of its own on the loopback address, in a temporary folder, and ends it. A quiet client sends a
request every few milliseconds over one connection; a noisy one, another user, keeps 64 connections busy: with GETs, with
lists of 2,000 pods, with creates. Both stay on the machine's last processor and the server's main thread on the others,
as if they were on another machine; there the noisy one runs when nobody else wants to (SCHED_IDLE: beside one that is only
nice, whoever wakes up may wait for 4 ms). So what is measured is the server and not who gets the processor. Prints one
line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOKENS = 'admin-token,admin,1,"system:masters"\nquiet-token,quiet,2,""\nnoisy-token,noisy,3,""\n'
PODS = 2000
CONNECTIONS = 64
NOISES = tuple(os.environ.get("BENCH_NOISES", "get list create").split())


def pod(name: str) -> bytes:
    container = {"name": "c", "image": "registry.local/app:1", "resources": {"requests": {"cpu": "10m"}}}
    meta = {"name": name, "labels": {"app": "bench"}}
    spec = {"containers": [container], "serviceAccountName": "default"}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}).encode()


class Quiet:
    """A client with one connection that waits for each answer."""

    def __init__(self, port: int, token: str) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, method: str, path: str, body: bytes | None = None) -> int:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


async def noise(port: int, kind: str) -> None:
    """Be noisy until killed."""
    import aiohttp

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    headers = {"Authorization": "Bearer noisy-token", "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(ssl=context, limit=0)
    answers: dict[int, int] = {}
    base = "/api/v1/namespaces/noise/pods"
    async with aiohttp.ClientSession(f"https://127.0.0.1:{port}", headers=headers, connector=connector) as session:

        async def one(number: int) -> None:
            turn = 0
            while True:
                turn += 1
                method, path, body = "GET", f"{base}/p{(number * 31 + turn) % PODS}", None
                if kind == "list":
                    path = base
                elif kind == "create":
                    method, path = "POST", "/api/v1/namespaces/more/pods"
                    body = pod(f"n{os.getpid()}-{number}-{turn}")
                async with session.request(method, path, data=body) as answer:
                    await answer.read()
                    answers[answer.status] = answers.get(answer.status, 0) + 1

        async def report() -> None:
            while True:
                before = sum(answers.values())
                await asyncio.sleep(1)
                print(json.dumps({"per_s": sum(answers.values()) - before, "answers": answers}), flush=True)

        await asyncio.gather(report(), *(one(number) for number in range(CONNECTIONS)))


def quantile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1000, 2)


def measure(port: int, seconds: float, label: str) -> dict[str, dict[str, float]]:
    """Send GETs and creates in turns, one every 5 ms."""
    client, took = Quiet(port, "quiet-token"), {"get": list[float](), "create": list[float]()}
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        number += 1
        kind = "get" if number % 4 else "create"
        begin = time.perf_counter()
        if kind == "get":
            status = client.send("GET", f"/api/v1/namespaces/noise/pods/p{number % PODS}")
        else:
            status = client.send("POST", "/api/v1/namespaces/quiet/pods", pod(f"q{label}{number}"))
        took[kind].append(time.perf_counter() - begin)
        if status not in {200, 201}:
            raise SystemExit(f"the quiet client was answered {status}")
        time.sleep(0.003)
    return {
        k: {"n": len(v), "p50_ms": quantile(v, 0.5), "p90_ms": quantile(v, 0.9), "p99_ms": quantile(v, 0.99)}
        for k, v in took.items()
    }


def prepare(port: int) -> None:
    """Namespaces, pods to read, and rights for both."""
    admin = Quiet(port, "admin-token")
    for name in ("noise", "more", "quiet"):
        admin.send("POST", "/api/v1/namespaces", json.dumps({"metadata": {"name": name}}).encode())
        account = json.dumps({"metadata": {"name": "default"}}).encode()
        admin.send("POST", f"/api/v1/namespaces/{name}/serviceaccounts", account)
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    users = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name} for name in ("quiet", "noisy")]
    binding = {"metadata": {"name": "bench"}, "roleRef": reference, "subjects": users}
    path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    assert admin.send("POST", path, json.dumps(binding).encode()) == 201
    for number in range(PODS):
        assert admin.send("POST", "/api/v1/namespaces/noise/pods", pod(f"p{number}")) == 201


class Accounts:
    """What the processors did for a while: `others` had so much of them, `waited` is how long each waited for one.

    Waits and others that had much say that a figure is the machine's, not the server's.
    """

    def __init__(self, **pids: int) -> None:
        self._pids = pids
        self._before = self._now()
        self._begun = time.monotonic()

    def _now(self) -> dict[str, tuple[float, float]]:
        """Seconds on a processor, seconds of waiting for one; of the whole machine without the latter."""
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
        busy = (sum(fields[:3]) + sum(fields[5:8])) / os.sysconf("SC_CLK_TCK")
        found = {"machine": (busy, 0.0)}
        for name, pid in self._pids.items():
            lines = [(task / "schedstat").read_text().split() for task in Path(f"/proc/{pid}/task").iterdir()]
            found[name] = (sum(int(line[0]) for line in lines) / 1e9, sum(int(line[1]) for line in lines) / 1e9)
        return found

    def close(self) -> dict[str, object]:
        """Shares of the time since it was made."""
        now, seconds = self._now(), time.monotonic() - self._begun
        had = {k: [(a - b) / seconds for a, b in zip(now[k], self._before[k], strict=True)] for k in now}
        others = had.pop("machine")[0] - sum(cpu for cpu, _ in had.values())
        return {
            "cpu": {name: round(cpu, 2) for name, (cpu, _) in had.items()},
            "waited": {name: round(waited, 2) for name, (_, waited) in had.items()},
            "others": round(others, 2),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement")
    parser.add_argument("--noise", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.noise:
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        asyncio.run(noise(options.port, options.noise))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tokens").write_text(TOKENS)
        command = [
            sys.executable,
            *os.environ.get("BENCH_SERVER", "-m podwright.apiserver.main").split(),
            "--port",
            "0",
            "--data-dir",
            name,
        ]
        command += ["--token-auth-file", str(folder / "tokens")]
        server = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("BENCH_LOUD") else subprocess.DEVNULL,
            text=True,
        )
        try:
            port = int(server.stdout.readline().rpartition(":")[2])
            processors = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, processors[-1:])
            os.sched_setaffinity(
                server.pid, processors[:-1] or processors
            )  # its main thread; others go where they like
            prepare(port)
            accounts = Accounts(server=server.pid, client=os.getpid())
            found = {"quiet": measure(port, options.seconds, "a") | accounts.close()}
            for kind in NOISES:
                noisy = subprocess.Popen(
                    [sys.executable, __file__, "--noise", kind, "--port", str(port)], stdout=subprocess.PIPE, text=True
                )
                try:
                    noisy.stdout.readline()
                    accounts = Accounts(server=server.pid, client=os.getpid(), noise=noisy.pid)
                    found[kind] = measure(port, options.seconds, kind) | accounts.close()
                    noisy.stdout.readline()
                    found[kind]["noise"] = json.loads(noisy.stdout.readline())
                finally:
                    noisy.kill()
                    noisy.wait()
                time.sleep(0.5)
            accounts = Accounts(server=server.pid, client=os.getpid())
            found["quiet_again"] = measure(port, options.seconds, "z") | accounts.close()
            print(json.dumps(found))
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()
