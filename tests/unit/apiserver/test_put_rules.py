"""Which kinds a PUT may create, and which it may change only at the revision that it was made from."""

from podwright.api.resources import RESOURCES
from podwright.apiserver.strategies.table import strategy_for

CREATED = {
    "clusterrolebindings", "clusterroles", "endpoints", "events", "leases", "limitranges", "rolebindings", "roles",
    "runtimeclasses", "services",
}  # fmt: skip
BOUND = {
    "apiservices", "csidrivers", "csinodes", "csistoragecapacities", "customresourcedefinitions", "leases",
    "mutatingadmissionpolicies", "mutatingadmissionpolicybindings", "mutatingwebhookconfigurations",
    "poddisruptionbudgets", "runtimeclasses", "validatingadmissionpolicies", "validatingadmissionpolicybindings",
    "validatingwebhookconfigurations", "volumeattachments",
}  # fmt: skip


def test_kinds_that_a_put_creates():
    assert {row.plural for row in RESOURCES if strategy_for(row).allow_create_on_update} == CREATED


def test_kinds_that_are_changed_at_a_known_revision_alone():
    assert {row.plural for row in RESOURCES if not strategy_for(row).allow_unconditional_update} == BOUND
