"""What a role allows: a table, and any rules against an evaluator that goes through all of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podwright.apiserver.authorization.covering import missing
from podwright.apiserver.authorization.rules import role_of
from podwright.apiserver.routes import Target


def rule(verbs, resources="", groups="", names=(), paths=()):
    given_rule = {"verbs": verbs.split(",")}
    if paths:
        return {**given_rule, "nonResourceURLs": list(paths)}
    return {
        **given_rule, "apiGroups": groups.split(","), "resources": resources.split(","), "resourceNames": list(names),
    }  # fmt: skip


def ask(verb, plural, sub="", group="", name=""):
    return Target("", "", verb, resource=True, group=group, plural=plural, subresource=sub, name=name)


def path(verb, where):
    return Target("", where, verb)


TABLE = [
    pytest.param(rule("get", "pods"), ask("get", "pods"), True, id="plain"),
    pytest.param(rule("get", "pods"), ask("list", "pods"), False, id="other verb"),
    pytest.param(rule("*", "pods"), ask("escalate", "pods"), True, id="all verbs"),
    pytest.param(rule("get", "pods"), ask("*", "pods"), False, id="asked for all verbs"),
    pytest.param(rule("get", "pods"), ask("get", "pods", group="apps"), False, id="other group"),
    pytest.param(rule("get", "pods", "*"), ask("get", "pods", group="apps"), True, id="all groups"),
    pytest.param(rule("get", "pods", "apps,"), ask("get", "pods"), True, id="one of the groups"),
    pytest.param(rule("get", "pods"), ask("get", "pods", "log"), False, id="a subresource is not the resource"),
    pytest.param(rule("get", "pods/log"), ask("get", "pods", "log"), True, id="subresource"),
    pytest.param(rule("get", "pods/log"), ask("get", "pods"), False, id="the resource is not the subresource"),
    pytest.param(rule("get", "pods/*"), ask("get", "pods", "log"), False, id="no star after the slash"),
    pytest.param(rule("get", "*/scale"), ask("get", "pods", "scale"), True, id="a subresource of all"),
    pytest.param(rule("get", "*/scale"), ask("get", "pods"), False, id="a subresource of all is no resource"),
    pytest.param(rule("get", "*/scale"), ask("get", "pods", "status"), False, id="another subresource"),
    pytest.param(rule("get", "*"), ask("get", "pods", "exec"), True, id="all resources have all subresources"),
    pytest.param(rule("get", "pods", names=("a",)), ask("get", "pods", name="a"), True, id="this name"),
    pytest.param(rule("get", "pods", names=("a",)), ask("get", "pods", name="b"), False, id="another name"),
    pytest.param(rule("list", "pods", names=("a",)), ask("list", "pods"), False, id="no name"),
    pytest.param(rule("get", paths=("/a",)), path("get", "/a"), True, id="path"),
    pytest.param(rule("get", paths=("/a",)), path("head", "/a"), True, id="head is get"),
    pytest.param(rule("get", paths=("/a",)), path("post", "/a"), False, id="another method"),
    pytest.param(rule("get", paths=("/a",)), path("get", "/a/b"), False, id="below a path"),
    pytest.param(rule("get", paths=("/a/*",)), path("get", "/a/b/c"), True, id="any rest"),
    pytest.param(rule("get", paths=("/a/*",)), path("get", "/a"), False, id="the rest begins after the slash"),
    pytest.param(rule("get", paths=("/*/b",)), path("get", "/a/b"), False, id="no star in between"),
    pytest.param(rule("*", paths=("*",)), path("put", "/x"), True, id="all paths"),
    pytest.param(rule("*", "*", "*"), path("get", "/x"), False, id="resources are no paths"),
    pytest.param(rule("*", paths=("*",)), ask("get", "pods"), False, id="paths are no resources"),
    pytest.param({"verbs": ["get"], "resources": ["pods"]}, ask("get", "pods"), False, id="no groups"),
    pytest.param({"verbs": ["get"], "apiGroups": [""]}, ask("get", "pods"), False, id="no resources"),
    pytest.param({"apiGroups": [""], "resources": ["pods"]}, ask("get", "pods"), False, id="no verbs"),
    pytest.param({}, ask("", ""), False, id="nothing"),
]


@pytest.mark.parametrize(("written", "target", "allowed"), TABLE)
def test_what_a_rule_allows(written, target, allowed):
    assert role_of([written]).allows(target) is allowed


def plain(rules, target):
    """What the rules allow, the slow way."""
    for r in rules:
        if "*" not in r["verbs"] and target.verb not in r["verbs"]:
            continue
        if not target.resource:
            for url in r.get("nonResourceURLs", ()):
                if url == target.path or (url[-1:] == "*" and target.path.startswith(url[:-1])):
                    return True
            continue
        whole = "/".join(filter(None, (target.plural, target.subresource)))
        fits = [
            x for x in r.get("resources", ())
            if x in ("*", whole) or (target.subresource and x == "*/" + target.subresource)
        ]  # fmt: skip
        group = any(g in ("*", target.group) for g in r.get("apiGroups", ()))
        named = not r.get("resourceNames") or target.name in r["resourceNames"]
        if fits and group and named:
            return True
    return False


VERBS = st.sampled_from(["get", "list", "update", "*"])
GROUPS = st.sampled_from(["", "apps", "*"])
RESOURCES = st.sampled_from(["pods", "pods/log", "pods/*", "*/log", "*", "jobs"])
NAMES = st.sampled_from(["a", "b"])
PATHS = st.sampled_from(["/a", "/a/*", "/a/b", "*", "/*/b", ""])


def some(values, least=0):
    return st.lists(values, min_size=least, max_size=3)


RULES = st.one_of(
    st.fixed_dictionaries(
        {"verbs": some(VERBS), "apiGroups": some(GROUPS), "resources": some(RESOURCES), "resourceNames": some(NAMES)}
    ),
    st.fixed_dictionaries({"verbs": some(VERBS), "nonResourceURLs": some(PATHS)}),
)
TARGETS = st.one_of(
    st.builds(
        ask, VERBS, st.sampled_from(["pods", "jobs", "*"]), st.sampled_from(["", "log", "scale"]), GROUPS,
        st.sampled_from(["", "a", "b", "c"]),
    ),
    st.builds(path, VERBS, st.sampled_from(["/a", "/a/", "/a/b", "/b"])),
)  # fmt: skip


@settings(max_examples=400)
@given(some(RULES), TARGETS)
def test_a_role_allows_what_its_rules_do(rules, target):
    assert role_of(rules).allows(target) is plain(rules, target)


@settings(max_examples=400)
@given(some(RULES), some(RULES, 1), TARGETS)
def test_who_gives_what_he_holds_gives_nothing_more(held, wanted, target):
    if not missing(role_of(held).listed, wanted) and role_of(wanted).allows(target):
        assert role_of(held).allows(target)


@settings(max_examples=100)
@given(some(RULES))
def test_everybody_may_give_what_he_has(rules):
    assert missing(role_of(rules).listed, rules) == []
