"""Asks one webhook about one write: whether it is to be asked at all, the question, and what its answer comes to.

It must never change the object: what a patch makes of it is for whoever lets webhooks change objects.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from podwright.api.errors import ApiError, bad_request, forbidden, internal
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.request_document import request_document
from podwright.apiserver.admission.seen import Seen, Versions, asked_of, namespace_labels
from podwright.apiserver.admission.webhooks.configured import Meant
from podwright.apiserver.admission.webhooks.counting import HookCounts
from podwright.apiserver.admission.webhooks.hook import Hook
from podwright.apiserver.admission.webhooks.reviewing import Verdict, rejection, review_of, verdict_of, version_of
from podwright.apiserver.authorization.authorizer import Authorizer
from podwright.apiserver.confidential import kind_of
from podwright.apiserver.hooks.client import HookClient
from podwright.apiserver.hooks.failing import HookError
from podwright.apiserver.registry.converting import settled
from podwright.apiserver.registry.metadata import new_uid

log = logging.getLogger(__name__)
JSON = dict[str, Any]
T = TypeVar("T")
_LARGEST: Final = 8 * 1024 * 1024
"""Bytes of an answer."""


class RejectedError(Exception):
    """A webhook denied the write; `error` is the refusal."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(slots=True)
class Questioner:
    """Asks the webhooks of one kind; `step` is what metrics call that."""

    client: HookClient
    versions: Versions
    authorizer: Authorizer
    counts: HookCounts
    step: str
    mutating: bool

    async def meets(self, meant: Meant, attributes: Attributes) -> Seen | None:
        """How a webhook sees a write, None when it is not to be asked about it. Raises ApiError."""
        hook = meant.hook
        objects = (attributes.obj, attributes.old)
        if not hook.matching.selects(asked_of(attributes), objects, lambda: namespace_labels(attributes)):
            return None
        seen = await settled(lambda: self.versions.seen(attributes, meant.resource))
        return seen if not hook.conditions or self._holds(hook, attributes, seen) else None

    def _holds(self, hook: Hook, attributes: Attributes, seen: Seen) -> bool:
        from podwright.apiserver.admission.expression import ExpressionError
        from podwright.apiserver.admission.given import given

        try:
            held = hook.compiled.hold(given(attributes, seen, self.authorizer))
        except ExpressionError as error:
            self.counts.unclear(hook.name, self.step, attributes.operation)
            if hook.ignored:
                return False
            log.warning("Cannot tell whether webhook %s is for a write, refusing it: %s", hook.name, error)
            raise forbidden(attributes.resource.qualified, attributes.name, str(error)) from error
        if not held:
            self.counts.left_out(hook.name, self.step, attributes.operation)
        return held

    async def judged(
        self, meant: Meant, attributes: Attributes, place: str, ask: Callable[[], Awaitable[T]], default: T
    ) -> T:
        """Do as a webhook says: what `ask` returns, or `default` when it fails and that is ignored. Raises ApiError.

        `place` is where this question stands among all, in the annotations of the request.
        """
        hook, operation, begin = meant.hook, attributes.operation, time.perf_counter()

        def count(code: int, *, rejected: bool) -> None:
            seconds = time.perf_counter() - begin
            self.counts.asked(hook.name, self.step, operation, code, seconds, rejected=rejected)

        try:
            found = await ask()
        except HookError as error:
            count(error.code, rejected=not hook.ignored)
            text = _shown(attributes, f'failed calling webhook "{hook.name}": {error}')
            if hook.ignored:
                log.warning("Going on without a webhook of %s: %s", hook.configuration, text)
                self.counts.went_on(hook.name, self.step)
                attributes.annotations[f"failed-open.{place}"] = hook.name
                return default
            log.warning("Refusing a write for want of a webhook of %s: %s", hook.configuration, text)
            self.counts.refused(hook.name, self.step, operation, "calling_webhook_error", error.code)
            raise internal(text) from error
        except RejectedError as denied:
            count(denied.error.code, rejected=True)
            self.counts.refused(hook.name, self.step, operation, "no_error", denied.error.code)
            raise denied.error from denied
        except ApiError:
            count(0, rejected=True)
            self.counts.refused(hook.name, self.step, operation, "apiserver_internal_error", 0)
            raise
        count(200, rejected=False)
        return found

    async def question(self, hook: Hook, attributes: Attributes, seen: Seen) -> Verdict:
        """Ask, and take over warnings and annotations. Raises HookError, RejectedError, ApiError 400."""
        if attributes.dry_run and not hook.harmless:
            raise bad_request(f'admission webhook "{hook.name}" does not support dry run')
        version, uid = version_of(hook.versions), new_uid()
        review = review_of(version, uid, request_document(attributes, seen), seen.obj, seen.old)
        try:
            target = hook.target
        except ValueError as error:
            msg = f"could not get REST client: {error}"
            raise HookError(msg, 500) from error
        try:
            answer = await self.client.ask(target, review, hook.seconds, _LARGEST)
        except HookError as error:
            msg = f"failed to call webhook: {error}"
            raise HookError(msg, error.code) from error
        verdict = verdict_of(version, uid, answer, mutating=self.mutating)
        for key, value in verdict.annotations.items():
            attributes.annotations[f"{hook.name}/{key}"] = value
        attributes.warnings.extend(verdict.warnings)
        if not verdict.allowed:
            raise RejectedError(rejection(hook.name, verdict.result))
        return verdict


def _shown(attributes: Attributes, text: str) -> str:
    """What may be logged of what a webhook said: it may have said what it was asked about."""
    resource = attributes.resource
    kind = kind_of(resource.group, resource.plural, attributes.subresource)
    if not kind:
        return text
    from podwright.apiserver.withholding import text_without

    return text_without(text, kind, attributes.obj, attributes.old)
