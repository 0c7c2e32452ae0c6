"""What wakes the controller that checks policies: the policies themselves."""

from __future__ import annotations

from podwright.controllers import policy_checking
from podwright.controllers.actions import Plan
from podwright.controllers.caches import Caches
from podwright.controllers.controller import Controller, Look, Trigger, own_key
from podwright.controllers.policy_checking import Kinds
from podwright.controllers.policy_kinds import KindReads


def checking(caches: Caches, reads: KindReads, workers: int) -> Controller:
    """Return the controller that checks the rules of validating policies."""
    policies = caches.validating_policies

    async def observe(key: str) -> Kinds:
        policy = policies.get(key)
        return await reads.of(policy) if policy is not None and policy_checking.unchecked(policy) else Kinds()

    def decide(key: str, look: Look) -> Plan:
        return policy_checking.reconcile(policies.get(key), look.observed)

    return Controller(
        name=policy_checking.MANAGER,
        triggers=(Trigger(policies, own_key),),
        decide=decide,
        observe=observe,
        workers=workers,
    )
