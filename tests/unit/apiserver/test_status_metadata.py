"""Which labels and annotations change together with a status."""

import copy

import pytest
from strategy_writes import context

from podwright.api.resources import RESOURCES
from podwright.apiserver.strategies.table import strategy_for

BOTH = ("labels", "annotations")
KEPT = {
    "apiservices": BOTH,
    "customresourcedefinitions": BOTH,
    "deployments": ("labels",),
    "flowschemas": BOTH,
    "prioritylevelconfigurations": BOTH,
    "resourceclaims": BOTH,
    "validatingadmissionpolicies": BOTH,
    "volumeattachments": BOTH,
}
ROWS = [row for row in RESOURCES if "status" in row.subresources and not row.storage]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.plural)
def test_what_a_status_brings_along(row):
    old = {"kind": row.kind, "apiVersion": row.api_version, "metadata": {"name": "x"}, "spec": {}, "status": {}}
    obj = copy.deepcopy(old)
    obj["metadata"] |= {"labels": {"a": "b"}, "annotations": {"c": "d"}}
    strategy_for(row).prepare_status_update(obj, old, context(row.plural, row.group, "status"))
    assert {name for name in BOTH if name in obj["metadata"]} == set(BOTH) - set(KEPT.get(row.plural, ()))
