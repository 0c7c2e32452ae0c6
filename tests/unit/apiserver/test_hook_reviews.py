"""Whatever a webhook answers: it is read as a verdict, or it is an error of the webhook; never one of ours."""

import base64
import contextlib
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podwright.apiserver.admission.webhooks.reviewing import rejection, verdict_of
from podwright.apiserver.custom.conversion_review import BadConversionError, converted_of
from podwright.apiserver.hooks.failing import HookError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 700) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def spoiled(**fields):
    """An object whose fields are right, or anything."""
    return st.fixed_dictionaries({}, optional={name: good | VALUES for name, good in fields.items()})


PATCHES = st.lists(VALUES | spoiled(op=st.just("add"), path=st.text(max_size=5), value=VALUES), max_size=3)
STATUS = spoiled(
    code=st.integers(-1, 1000),
    message=st.text(max_size=5),
    reason=st.text(max_size=5),
    details=spoiled(name=st.text(max_size=3), causes=st.lists(spoiled(field=st.text(max_size=3)), max_size=2)),
)
RESPONSE = spoiled(
    uid=st.just("u"),
    allowed=st.booleans(),
    status=STATUS,
    patch=PATCHES.map(lambda patch: base64.b64encode(json.dumps(patch).encode()).decode()),
    patchType=st.just("JSONPatch"),
    warnings=st.lists(st.text(max_size=5), max_size=3),
    auditAnnotations=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)
ANSWER = spoiled(kind=st.just("AdmissionReview"), apiVersion=st.just("admission.k8s.io/v1"), response=RESPONSE)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answer=ANSWER, version=st.sampled_from(("v1", "v1beta1")), mutating=st.booleans())
def test_admission_reviews(answer, version, mutating):
    with contextlib.suppress(HookError):
        verdict = verdict_of(version, "u", answer, mutating=mutating)
        assert isinstance(verdict.allowed, bool)
        assert all(isinstance(step, dict) for step in verdict.patch)
        assert mutating or not verdict.patch
        error = rejection("h", verdict.result)
        assert 400 <= error.code < 600
        assert json.dumps(error.status())


BEFORE = {"apiVersion": "g/v1", "kind": "K", "metadata": {"name": "n", "uid": "u", "labels": {"a": "b"}}}
METADATA = spoiled(
    name=st.just("n"),
    uid=st.just("u"),
    labels=st.dictionaries(st.sampled_from("ab "), st.text(max_size=2)),
    other=VALUES,
)
CONVERTED = spoiled(apiVersion=st.just("g/v2"), kind=st.just("K"), metadata=METADATA, spec=VALUES)
CONVERSION = spoiled(
    kind=st.just("ConversionReview"),
    apiVersion=st.just("apiextensions.k8s.io/v1"),
    response=spoiled(
        uid=st.just("x"),
        result=st.just({"status": "Success"}) | STATUS,
        convertedObjects=st.lists(CONVERTED, min_size=1, max_size=1),
    ),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answer=CONVERSION, version=st.sampled_from(("v1", "v1beta1")))
def test_conversion_reviews(answer, version):
    request = {"uid": "x", "desiredAPIVersion": "g/v2", "objects": [BEFORE]}
    review = {"kind": "ConversionReview", "apiVersion": f"apiextensions.k8s.io/{version}", "request": request}
    with contextlib.suppress(BadConversionError):
        (found,) = converted_of(review, answer)
        assert (found["apiVersion"], found["kind"]) == ("g/v2", "K")
        metadata = found["metadata"]
        assert {key: value for key, value in metadata.items() if key not in {"labels", "annotations"}} == {
            "name": "n",
            "uid": "u",
        }
        assert all(isinstance(text, str) for text in (metadata.get("labels") or {}).values())
