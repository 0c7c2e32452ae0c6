"""The one word about a pod's life: Pending, Running, Succeeded or Failed, from its containers' states.

Rules, first match wins: a failed init container that will not run again fails the pod; unfinished initialization and
containers that never ran mean Pending; a running container means Running; when all have ended, the restart policy
(or the pod's end) decides between Running and a last phase. A sidecar's own end never fails a pod.
"""

from __future__ import annotations

from collections.abc import Mapping

from podwright.agent.pods.attempts import Attempt
from podwright.agent.pods.spec import Pod, Role, init_containers, main_containers, restart_policy, runs_again

TERMINAL = ("Succeeded", "Failed")


def phase(pod: Pod, attempts: Mapping[str, Attempt], started: frozenset[str], *, over: bool) -> str:
    """Compute the phase. `attempts` holds the newest of each container; `over`: nothing will be started any more."""
    pending = False
    running = False
    for c in init_containers(pod):
        attempt = attempts.get(c.name)
        if c.role is Role.SIDECAR:
            running = running or (attempt is not None and attempt.running)
            pending = pending or attempt is None or (attempt.running and c.name not in started)
        elif attempt is None or attempt.running:
            pending = True
        elif attempt.exit_code != 0:
            if not runs_again(pod, c, attempt.exit_code):
                return "Failed"
            pending = True
    mains = main_containers(pod)
    if pending and not any(c.name in attempts for c in mains):
        return "Pending"
    if any(c.name not in attempts for c in mains):
        return "Pending"
    if running or any(attempts[c.name].running for c in mains):
        return "Running"
    return _ended(pod, attempts, over=over)


def _ended(pod: Pod, attempts: Mapping[str, Attempt], *, over: bool) -> str:
    mains = main_containers(pod)
    if not over and any(runs_again(pod, c, attempts[c.name].exit_code) for c in mains):
        return "Running"
    if all(attempts[c.name].exit_code == 0 for c in mains):
        return "Succeeded"
    if over or restart_policy(pod) != "Always":
        return "Failed"
    return "Running"
