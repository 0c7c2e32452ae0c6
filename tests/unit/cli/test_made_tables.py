"""Tables of what a server sent without one."""

import datetime as dt

from podwright.cli.output.made_tables import as_table

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def thing(name, **metadata):
    return {"kind": "Thing", "metadata": {"name": name, **metadata}}


def cells(found):
    return [row["cells"] for row in as_table(found, NOW)["rows"]]


def test_a_table_is_left_as_it_is():
    table = {"kind": "Table", "rows": []}
    assert as_table(table, NOW) is table


def test_lists_and_single_objects_show_name_and_age():
    items = [thing("a", creationTimestamp="2026-01-01T23:59:00Z"), thing("b")]
    assert cells({"kind": "ThingList", "metadata": {"resourceVersion": "5"}, "items": items}) == [
        ["a", "60s"],
        ["b", "<unknown>"],
    ]
    assert cells(items[0]) == [["a", "60s"]]
    assert cells({"kind": "ThingList", "metadata": {}, "items": None}) == []


def test_what_follows_a_list_finds_where_to_go_on():
    made = as_table(
        {"kind": "ThingList", "metadata": {"resourceVersion": "5", "continue": "c"}, "items": [thing("a")]}, NOW
    )
    assert made["metadata"] == {"resourceVersion": "5", "continue": "c"}
    assert made["rows"][0]["object"] == {"metadata": {"name": "a"}}
