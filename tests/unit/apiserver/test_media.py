"""Which representation an Accept header gets."""

import pytest

from podwright.api.errors import ApiError
from podwright.apiserver.media import JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE, Format, body_type, negotiate, parse_accept

WHOLE = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
STREAMS = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


PARTIAL = f"{PROTOBUF_TYPE};as=PartialObjectMetadata;v=v1;g=meta.k8s.io"


@pytest.mark.parametrize(
    ("accept", "verb", "expected"),
    [
        ("", "get", Format()),
        ("*/*", "get", Format()),
        ("application/json", "list", Format()),
        ("application/yaml", "get", Format(content_type=YAML_TYPE)),
        ("application/vnd.kubernetes.protobuf,application/json", "list", Format()),
        ("application/vnd.kubernetes.protobuf", "list", Format(content_type=PROTOBUF_TYPE)),
        ("application/vnd.kubernetes.protobuf,text/html", "get", Format(content_type=PROTOBUF_TYPE)),
        (f"{TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", "list", Format("table")),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", "watch", Format("table", version="v1beta1")),
        ("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", "get", Format()),
        ("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "get", Format("partial")),
        ("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "watch", Format("partial")),
        ("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "list", Format("partial-list")),
        (f"{PARTIAL},{PARTIAL.replace(PROTOBUF_TYPE, JSON_TYPE)}", "get", Format("partial", PROTOBUF_TYPE)),
        (f"{PARTIAL},{PARTIAL.replace(PROTOBUF_TYPE, JSON_TYPE)}", "watch", Format("partial")),
        ("text/html;q=0.9,application/yaml;q=0.8,application/json;q=0.1", "get", Format(content_type=YAML_TYPE)),
        ("application/json;q=0.1,application/yaml", "get", Format(content_type=YAML_TYPE)),
        ("application/yaml,application/json", "watch", Format()),
        ("application/json;stream=watch", "watch", Format()),
        ("application/vnd.kubernetes.protobuf;stream=watch,application/json", "watch", Format()),
        ("application/vnd.kubernetes.protobuf", "watch", Format(content_type=PROTOBUF_TYPE)),
        (PARTIAL, "watch", Format("partial", PROTOBUF_TYPE)),
    ],
)
def test_negotiation(accept, verb, expected):
    assert negotiate(accept, verb=verb) == expected


@pytest.mark.parametrize(
    ("accept", "verb"),
    [
        ("text/html", "get"),
        ("application/*", "get"),
        ("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io", "list"),
        ("application/json;as=Nope;v=v1;g=meta.k8s.io", "get"),
        ("application/json;as=Table;v=v1;g=other", "list"),
        ("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "watch"),
    ],
)
def test_what_nothing_fits_is_406(accept, verb):
    with pytest.raises(ApiError) as error:
        negotiate(accept, verb=verb)
    assert error.value.code == 406


@pytest.mark.parametrize(
    ("accept", "verb", "words"),
    [
        (
            "application/yaml",
            "watch",
            f"only the following media types are accepted: {STREAMS}",
        ),
        (
            "text/html",
            "watch",
            f"406: Not Acceptable\n\nAvailable representations: {WHOLE}, {STREAMS}",
        ),
    ],
    ids=["no-form-for-streams", "unknown"],
)
def test_a_refusal_tells_what_there_is(accept, verb, words):
    with pytest.raises(ApiError) as error:
        negotiate(accept, verb=verb)
    assert error.value.message == words


def test_clauses_are_sorted_by_quality_then_order():
    assert [c.type for c in parse_accept("a/a;q=0.5, b/b, c/c;q=bad, d/d")] == ["b/b", "d/d", "a/a", "c/c"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("Application/YAML", "application/yaml"),
    ],
)
def test_body_type(header, expected):
    assert body_type(header) == expected
