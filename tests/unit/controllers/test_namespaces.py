"""The end of a namespace, and what every namespace has."""

from __future__ import annotations

from datetime import timedelta

from ctl_builders import NOW, actions, at, condition, creates, patches

from podwright.api.resources import find
from podwright.controllers import namespace_defaults
from podwright.controllers.actions import DeleteAll, Update
from podwright.controllers.meta import Meta, whole
from podwright.controllers.namespace import Remains, reconcile
from podwright.controllers.resources import PODS

SECRETS = find("secrets")
DEPLOYMENTS = find("deployments", "apps")


def namespace(*, deleted=True, finalizers=("kubernetes",), status=None):
    meta = {"name": "ns", "uid": "N", **({"deletionTimestamp": at(0)} if deleted else {})}
    phase = "Terminating" if deleted else "Active"
    return whole({"metadata": meta, "spec": {"finalizers": list(finalizers)}, "status": status or {"phase": phase}})


def emptied(plan):
    return [a.resource.qualified for a in actions(plan) if isinstance(a, DeleteAll)]


def test_a_living_namespace_is_left_alone():
    assert reconcile(namespace(deleted=False), None, NOW).steps == ()


def test_pods_go_first():
    remains = Remains([(PODS, [Meta("p")]), (SECRETS, [Meta("s")])])
    assert emptied(reconcile(namespace(), remains, NOW)) == ["pods"]
    rest = Remains([(SECRETS, [Meta("s")]), (DEPLOYMENTS, [Meta("d")])])
    plan = reconcile(namespace(), rest, NOW)
    assert emptied(plan) == ["secrets", "deployments.apps"]
    assert 0 < plan.again < 1
    assert not patches(plan, "namespaces", "status"), "what has not been told to go is no news"


def test_what_is_going_is_not_told_again():
    gone = NOW - timedelta(seconds=1)
    remains = Remains([(PODS, [Meta("p", deleted=gone)]), (SECRETS, [Meta("s")])])
    plan = reconcile(namespace(), remains, NOW)
    assert emptied(plan) == []  # and the rest waits for the pods
    assert plan.again == 1.0
    rest = Remains([(SECRETS, [Meta("s", deleted=gone), Meta("t")]), (DEPLOYMENTS, [Meta("d", deleted=gone)])])
    assert emptied(reconcile(namespace(), rest, NOW)) == ["secrets"]


def test_what_could_not_be_told_to_go_is_reported():
    plan = reconcile(namespace(), Remains([(SECRETS, [Meta("s")])]), NOW, failed=True)
    status = patches(plan, "namespaces", "status")["ns"]["status"]
    assert condition(status, "NamespaceContentRemaining")["status"] == "True"
    assert emptied(plan) == ["secrets"]


def test_what_remains_is_reported():
    held = [Meta(name, finalizers=("a/b",), deleted=NOW) for name in ("p", "q")]
    remains = Remains([(PODS, held), (DEPLOYMENTS, [Meta("d")])])
    status = patches(reconcile(namespace(), remains, NOW), "namespaces", "status")["ns"]["status"]
    found = condition(status, "NamespaceContentRemaining")
    assert (found["status"], found["reason"]) == ("True", "SomeResourcesRemain")
    assert found["message"] == (
        "Some resources are remaining: deployments.apps has 1 resource instances, pods. has 2 resource instances"
    )
    found = condition(status, "NamespaceFinalizersRemaining")
    assert found["message"] == "Some content in the namespace has finalizers remaining: a/b in 2 resource instances"
    assert condition(status, "NamespaceDeletionDiscoveryFailure")["status"] == "False"


def test_an_empty_namespace_lets_go():
    plan = reconcile(namespace(finalizers=("kubernetes", "x/y")), Remains([]), NOW)
    last = actions(plan)[-1]
    assert isinstance(last, Update)
    assert last.subresource == "finalize"
    assert last.body["spec"]["finalizers"] == ["x/y"]
    status = patches(plan, "namespaces", "status")["ns"]["status"]
    assert [c["status"] for c in status["conditions"]] == ["False"] * 5
    assert condition(status, "NamespaceContentRemaining")["reason"] == "ContentRemoved"


def test_it_does_not_let_go_of_what_could_not_be_read():
    plan = reconcile(namespace(), Remains([], error="cannot list secrets"), NOW)
    assert not any(isinstance(a, Update) for a in actions(plan))


def test_it_does_not_let_go_while_somebody_who_may_have_more_does_not_answer():
    plan = reconcile(namespace(), Remains([], unknown=("a.example/v1", "b.example/v2")), NOW)
    assert not any(isinstance(a, Update) for a in actions(plan))
    found = condition(patches(plan, "namespaces", "status")["ns"]["status"], "NamespaceDeletionDiscoveryFailure")
    assert (found["status"], found["reason"]) == ("True", "DiscoveryFailed")
    assert found["message"] == (
        "Discovery failed for some groups, 2 failing: unable to retrieve the complete list of server APIs: "
        "a.example/v1: stale GroupVersion discovery: a.example/v1, b.example/v2: stale GroupVersion discovery: b.example/v2"
    )


def test_the_rest_is_for_others():
    assert reconcile(namespace(finalizers=("x/y",)), Remains([]), NOW).steps == ()


def test_defaults():
    alive = namespace(deleted=False)
    (account,) = creates(namespace_defaults.service_account(alive, exists=False))
    assert account["metadata"] == {"name": "default", "namespace": "ns"}
    assert namespace_defaults.service_account(alive, exists=True).steps == ()
    assert namespace_defaults.service_account(namespace(), exists=False).steps == ()
    (published,) = creates(namespace_defaults.root_ca(alive, None, "PEM"))
    assert published["metadata"]["name"] == "kube-root-ca.crt"
    assert published["data"] == {"ca.crt": "PEM"}
    assert namespace_defaults.root_ca(alive, None, "").steps == ()


def test_a_wrong_ca_is_put_right():
    present = whole({"metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": "OLD", "more": "x"}})
    plan = namespace_defaults.root_ca(namespace(deleted=False), present, "PEM")
    assert patches(plan, "configmaps") == {"kube-root-ca.crt": {"data": {"ca.crt": "PEM", "more": None}}}
    right = whole({"metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": "PEM"}})
    assert namespace_defaults.root_ca(namespace(deleted=False), right, "PEM").steps == ()
