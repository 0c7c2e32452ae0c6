"""What all reviews share: a question is decoded and answered; nothing is stored.

An answer is the question with its `status` filled in. It must never decide anything.
"""

from __future__ import annotations

from typing import Any

import orjson

from podwright.apiserver.admission.asking import ask
from podwright.apiserver.options import write_options
from podwright.apiserver.registry.call import Call, Result
from podwright.apiserver.registry.core import Registry
from podwright.apiserver.registry.creating import match_namespace
from podwright.apiserver.registry.decoding import decode
from podwright.apiserver.registry.managing import of_question

JSON = dict[str, Any]


async def question(registry: Registry, call: Call) -> JSON:
    """Decode the body of a review. Raises ApiError 400, or what admission refuses it with."""
    options = write_options(call.query, "CreateOptions")
    review = decode(call.endpoint.codec, call.body, call.content_type, options.validation, call.warnings)
    match_namespace(review["metadata"], call)
    if call.namespace:
        review["metadata"]["namespace"] = call.namespace
    else:
        review["metadata"].pop("namespace", None)
    await ask(registry, call, call.endpoint.form, review, options)
    review["metadata"].pop("managedFields", None)
    owners = of_question(call, call.endpoint.codec, review, options)
    if owners:
        review["metadata"]["managedFields"] = owners
    return review


def answer(call: Call, review: JSON, status: JSON) -> Result:
    """The review with its answer."""
    return Result(orjson.dumps(call.endpoint.codec.prune({**review, "status": status})), 201)
