"""What of a request's annotations its audit event shows."""

from datetime import UTC, datetime

import pytest

from podwright.apiserver.audit.event import Moment, event
from podwright.apiserver.audit.policy import Level, Verdict
from podwright.apiserver.routes import resolve
from podwright.client.transport import Request

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHANGED = "patch.webhook.admission.k8s.io/round_0_index_0"


@pytest.mark.parametrize(
    ("level", "plural", "shown"),
    [
        (Level.METADATA, "configmaps", False),
        (Level.REQUEST, "configmaps", True),
        (Level.REQUEST_RESPONSE, "configmaps", True),
        (Level.REQUEST_RESPONSE, "secrets", False),
    ],
)
def test_what_webhooks_changed_is_shown_where_the_object_is(level, plural, shown):
    path = f"/api/v1/namespaces/ns/{plural}"
    moment = Moment(
        id="1",
        stage="ResponseComplete",
        verdict=Verdict(level),
        request=Request("POST", path),
        target=resolve("POST", path),
        user=None,
        acting=None,
        sources=(),
        received=NOW,
        now=NOW,
        annotations={CHANGED: "[]", "other": "x"},
    )
    assert event(moment)["annotations"] == {"other": "x"} | ({CHANGED: "[]"} if shown else {})
