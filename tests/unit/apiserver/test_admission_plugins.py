"""The built-in admission rules, one at a time."""

import copy
from datetime import UTC, datetime

import pytest

from podwright.api.errors import ApiError
from podwright.api.resources import find
from podwright.apiserver.admission.attributes import Attributes
from podwright.apiserver.admission.chain import BasePlugin, Chain
from podwright.apiserver.admission.default_ingress_class import DefaultIngressClass
from podwright.apiserver.admission.default_tolerations import DefaultTolerations
from podwright.apiserver.admission.namespace_lifecycle import NamespaceLifecycle
from podwright.apiserver.admission.node_taint import NodeTaint
from podwright.apiserver.admission.priority import Priority
from podwright.apiserver.admission.service_account import MOUNT_PATH, ServiceAccountAdmission
from podwright.apiserver.admission.storage import ClaimGrowth, DefaultStorageClass, StorageProtection
from podwright.apiserver.strategy import WriteContext
from podwright.apiserver.user import User

PODS, NAMESPACES, CONFIGMAPS = find("pods"), find("namespaces"), find("configmaps")
ACCOUNTS, CLASSES = find("serviceaccounts"), find("priorityclasses", "scheduling.k8s.io")


class Objects:
    """A cache made of a dict: {(plural, namespace): [objects]}."""

    def __init__(self, **by_plural):
        self.by_plural = by_plural

    def list(self, resource, namespace=""):
        return [copy.deepcopy(o) for o in self.by_plural.get(resource.plural, [])]

    def get(self, resource, name, namespace=""):
        return next((o for o in self.list(resource) if o["metadata"]["name"] == name), None)


def named(name, **rest):
    return {"metadata": {"name": name}, **rest}


def attributes(resource, obj, objects, *, verb="create", old=None, name="x", subresource=""):
    now = datetime(2026, 1, 2, tzinfo=UTC)
    ctx = WriteContext(User("u"), now, resource, objects, namespace="ns", subresource=subresource)
    return Attributes(verb, name, obj, old, ctx)


def pod(**spec):
    return named("p", spec={"containers": [{"name": "c"}], **spec})


def refusal(call):
    with pytest.raises(ApiError) as error:
        call()
    return error.value


WORLD = Objects(namespaces=[named("ns")], serviceaccounts=[named("default")])


def test_nothing_is_created_in_a_namespace_that_is_not_there():
    error = refusal(lambda: NamespaceLifecycle().admit(attributes(CONFIGMAPS, named("x"), Objects())))
    assert (error.code, error.message) == (404, 'namespaces "ns" not found')


def test_nothing_is_created_in_a_namespace_that_goes_away():
    going = Objects(namespaces=[{"metadata": {"name": "ns", "deletionTimestamp": "2026-01-02T00:00:00Z"}}])
    error = refusal(lambda: NamespaceLifecycle().admit(attributes(CONFIGMAPS, named("x"), going)))
    assert error.code == 403
    assert error.message == (
        'configmaps "x" is forbidden: unable to create new content in namespace ns because it is being terminated'
    )
    assert error.details is not None
    assert error.details["causes"][0]["reason"] == "NamespaceTerminating"


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public", "kube-node-lease"])
def test_system_namespaces_stay(name):
    error = refusal(lambda: NamespaceLifecycle().admit(attributes(NAMESPACES, None, WORLD, verb="delete", name=name)))
    assert (error.code, error.message) == (403, f'namespaces "{name}" is forbidden: this namespace may not be deleted')


def test_other_namespaces_may_go():
    NamespaceLifecycle().admit(attributes(NAMESPACES, None, WORLD, verb="delete", name="mine"))


def test_a_pod_gets_the_default_account_and_its_token():
    obj = pod(initContainers=[{"name": "i"}])
    ServiceAccountAdmission().admit(attributes(PODS, obj, WORLD))
    spec = obj["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("default", "default")
    volume = spec["volumes"][0]
    assert volume["name"].startswith("kube-api-access-")
    assert len(volume["projected"]["sources"]) == 3
    assert volume["projected"]["defaultMode"] == 420
    for container in (*spec["containers"], *spec["initContainers"]):
        assert container["volumeMounts"] == [{"name": volume["name"], "readOnly": True, "mountPath": MOUNT_PATH}]


def test_a_container_with_its_own_mount_there_keeps_it():
    own = [{"name": "mine", "mountPath": MOUNT_PATH}]
    obj = pod(containers=[{"name": "c", "volumeMounts": own}])
    ServiceAccountAdmission().admit(attributes(PODS, obj, WORLD))
    assert obj["spec"]["containers"][0]["volumeMounts"] == own
    assert "volumes" not in obj["spec"]


@pytest.mark.parametrize(
    ("in_pod", "in_account", "mounted"),
    [(None, None, True), (False, None, False), (None, False, False), (True, False, True), (False, True, False)],
)
def test_automount(in_pod, in_account, mounted):
    account = named("default")
    if in_account is not None:
        account["automountServiceAccountToken"] = in_account
    obj = pod(**({} if in_pod is None else {"automountServiceAccountToken": in_pod}))
    ServiceAccountAdmission().admit(attributes(PODS, obj, Objects(serviceaccounts=[account])))
    assert ("volumes" in obj["spec"]) is mounted


def test_pull_secrets_come_from_the_account_unless_the_pod_has_its_own():
    account = named("default", imagePullSecrets=[{"name": "a"}])
    for own, expected in ((None, [{"name": "a"}]), ([{"name": "b"}], [{"name": "b"}])):
        obj = pod(**({"imagePullSecrets": own} if own else {}))
        ServiceAccountAdmission().admit(attributes(PODS, obj, Objects(serviceaccounts=[account])))
        assert obj["spec"]["imagePullSecrets"] == expected


def test_a_missing_account_is_named():
    error = refusal(
        lambda: ServiceAccountAdmission().admit(attributes(PODS, pod(serviceAccountName="no"), WORLD, name="p"))
    )
    expected = 'pods "p" is forbidden: error looking up service account ns/no: serviceaccount "no" not found'
    assert (error.code, error.message) == (403, expected)


def test_mirror_pods_have_no_account():
    obj = pod()
    obj["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    ServiceAccountAdmission().admit(attributes(PODS, obj, Objects()))
    assert "serviceAccountName" not in obj["spec"]


def tolerations(*given):
    obj = pod(tolerations=list(given)) if given else pod()
    DefaultTolerations().admit(attributes(PODS, obj, WORLD))
    return [(t.get("key", ""), t.get("tolerationSeconds")) for t in obj["spec"]["tolerations"]]


NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"


def test_default_tolerations():
    assert tolerations() == [(NOT_READY, 300), (UNREACHABLE, 300)]
    own = {"key": NOT_READY, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    assert tolerations(own) == [(NOT_READY, 5), (UNREACHABLE, 300)]
    assert tolerations({"operator": "Exists"}) == [("", None)]
    other_effect = {"key": NOT_READY, "operator": "Exists", "effect": "NoSchedule"}
    assert tolerations(other_effect) == [(NOT_READY, None), (NOT_READY, 300), (UNREACHABLE, 300)]


CLASS_OBJECTS = Objects(
    priorityclasses=[
        named("high", value=1000, preemptionPolicy="Never"),
        named("usual", value=7, globalDefault=True),
    ]
)


@pytest.mark.parametrize(
    ("spec", "objects", "expected"),
    [
        ({}, Objects(), (None, 0, "PreemptLowerPriority")),
        ({}, CLASS_OBJECTS, ("usual", 7, "PreemptLowerPriority")),
        ({"priorityClassName": "high"}, CLASS_OBJECTS, ("high", 1000, "Never")),
        ({"priorityClassName": "high", "priority": 1000}, CLASS_OBJECTS, ("high", 1000, "Never")),
        ({"priority": 0}, Objects(), (None, 0, "PreemptLowerPriority")),
    ],
)
def test_priorities(spec, objects, expected):
    obj = pod(**spec)
    Priority().admit(attributes(PODS, obj, objects))
    found = obj["spec"]
    assert (found.get("priorityClassName"), found["priority"], found["preemptionPolicy"]) == expected


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"priorityClassName": "no"}, "no PriorityClass with name no was found"),
        ({"priority": 5}, "the integer value of priority (5) must not be provided in pod spec"),
        ({"priority": 5}, "priority admission controller computed 0 from the given PriorityClass name"),
        ({"preemptionPolicy": "Never"}, "the string value of PreemptionPolicy (Never)"),
    ],
)  # fmt: skip
def test_priorities_that_are_refused(spec, words):
    error = refusal(lambda: Priority().admit(attributes(PODS, pod(**spec), Objects(), name="p")))
    assert error.code == 403
    assert words in error.message


def test_only_one_class_is_the_default():
    second = named("second", value=1, globalDefault=True)
    error = refusal(lambda: Priority().validate(attributes(CLASSES, second, CLASS_OBJECTS, name="second")))
    assert "PriorityClass usual is already marked as default" in error.message
    Priority().validate(attributes(CLASSES, named("usual", value=8, globalDefault=True), CLASS_OBJECTS, name="usual"))


def test_a_chain_runs_all_admits_before_any_validate_and_only_what_concerns():
    ran = []

    class Note(BasePlugin):
        def __init__(self, name, concerned):
            self.name = name
            self.concerned = concerned

        def concerns(self, resource, verb):
            return resource is self.concerned and verb == "create"

        def admit(self, attributes):
            ran.append(("admit", self.name))

        def validate(self, attributes):
            ran.append(("validate", self.name))

    chain = Chain([Note("a", PODS), Note("b", CONFIGMAPS), Note("c", PODS)])
    one = attributes(PODS, pod(), WORLD)
    chain.admit(one)
    chain.validate(one)
    assert ran == [("admit", "a"), ("admit", "c"), ("validate", "a"), ("validate", "c")]


FRESH = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
OTHER = {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(None, [FRESH], id="no taints"),
        pytest.param([OTHER], [OTHER, FRESH], id="another effect"),
        pytest.param([FRESH, OTHER], [FRESH, OTHER], id="there already"),
    ],
)
def test_a_new_node_is_not_ready(given, expected):
    nodes, plugin = find("nodes"), NodeTaint()
    obj = {"metadata": {"name": "n"}} | ({} if given is None else {"spec": {"taints": given}})
    plugin.admit(attributes(nodes, obj, Objects()))
    assert obj["spec"]["taints"] == expected
    assert [verb for verb in ("create", "update") if plugin.concerns(nodes, verb)] == ["create"]


INGRESSES = find("ingresses", "networking.k8s.io")


def ingress_class(name, at="2026-01-01T00:00:00Z", default="true"):
    notes = {"ingressclass.kubernetes.io/is-default-class": default}
    return {"metadata": {"name": name, "annotations": notes, "creationTimestamp": at}}


OLD, NEW, TWIN = (
    ingress_class("old"),
    ingress_class("new", "2026-01-02T00:00:00Z"),
    ingress_class("also-new", "2026-01-02T00:00:00Z"),
)


@pytest.mark.parametrize(
    ("classes", "spec", "notes", "chosen"),
    [
        pytest.param([], {}, {}, None, id="no class"),
        pytest.param([ingress_class("a", default="false")], {}, {}, None, id="no default"),
        pytest.param([OLD], {}, {}, "old", id="one"),
        pytest.param([OLD, NEW], {}, {}, "new", id="the newest"),
        pytest.param([OLD, NEW, TWIN], {}, {}, "also-new", id="the first of the newest"),
        pytest.param([OLD], {"ingressClassName": "mine"}, {}, "mine", id="named"),
        pytest.param([OLD], {}, {"kubernetes.io/ingress.class": "mine"}, None, id="annotated"),
    ],
)
def test_an_ingress_gets_the_default_class(classes, spec, notes, chosen):
    obj = {"metadata": {"name": "i", "annotations": notes}, "spec": spec}
    DefaultIngressClass().admit(attributes(INGRESSES, obj, Objects(ingressclasses=classes)))
    assert obj["spec"].get("ingressClassName") == chosen


PVC, PV = find("persistentvolumeclaims"), find("persistentvolumes")


def storage_class(name, created, **annotations):
    metadata = {"name": name, "creationTimestamp": created, "annotations": annotations}
    return {"metadata": metadata}


DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


@pytest.mark.parametrize(
    ("classes", "claim", "wanted"),
    [
        pytest.param([storage_class("a", OLD)], {}, None, id="no-default"),
        pytest.param([storage_class("a", OLD, **DEFAULT)], {}, "a", id="default"),
        pytest.param([storage_class("a", OLD, **DEFAULT), storage_class("b", NEW, **DEFAULT)], {}, "b", id="newest"),
        pytest.param([storage_class("b", OLD, **DEFAULT), storage_class("a", OLD, **DEFAULT)], {}, "a", id="by-name"),
        pytest.param([storage_class("a", OLD, **DEFAULT)], {"storageClassName": ""}, "", id="none-wanted"),
        pytest.param([storage_class("a", OLD, **DEFAULT)], {"storageClassName": "z"}, "z", id="named"),
    ],
)
def test_a_claim_without_a_class_gets_the_default(classes, claim, wanted):
    plugin = DefaultStorageClass()
    assert plugin.concerns(PVC, "create")
    assert not plugin.concerns(PVC, "update")
    obj = named("c", spec=claim)
    plugin.admit(attributes(PVC, obj, Objects(storageclasses=classes)))
    assert obj["spec"].get("storageClassName") == wanted


@pytest.mark.parametrize(
    ("resource", "finalizer"),
    [
        pytest.param(PVC, "kubernetes.io/pvc-protection", id="claim"),
        pytest.param(PV, "kubernetes.io/pv-protection", id="volume"),
    ],
)
def test_volumes_and_claims_are_protected(resource, finalizer):
    obj = named("c", spec={})
    for _ in range(2):
        StorageProtection().admit(attributes(resource, obj, Objects()))
    assert obj["metadata"]["finalizers"] == [finalizer]
    assert not StorageProtection().concerns(PODS, "create")


MINE = "is not allowed because service account default does not reference that"


def mounting(value="true"):
    notes = {"kubernetes.io/enforce-mountable-secrets": value}
    account = {"metadata": {"name": "default", "annotations": notes}, "secrets": [{"name": "ok"}]}
    return Objects(serviceaccounts=[account | {"imagePullSecrets": [{"name": "pull"}]}])


def reading(name, kind="c"):
    return {"name": kind, "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": name, "key": "k"}}}]}


def taking(name, kind="c"):
    return {"name": kind, "envFrom": [{"secretRef": {"name": name}}]}


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        pytest.param({}, "", id="nothing-named"),
        pytest.param({"volumes": [{"name": "v", "secret": {"secretName": "ok"}}]}, "", id="listed"),
        pytest.param(
            {"volumes": [{"name": "v", "secret": {"secretName": "no"}}]},
            f'volume with secret.secretName="no" {MINE} secret',
            id="volume",
        ),
        pytest.param(
            {"containers": [reading("no")]},
            f'container c with envVar A referencing secret.secretName="no" {MINE} secret',
            id="variable",
        ),
        pytest.param(
            {"initContainers": [taking("no", "i")]},
            f'init container i with envFrom referencing secret.secretName="no" {MINE} secret',
            id="variables",
        ),
        pytest.param({"imagePullSecrets": [{"name": "pull"}]}, "", id="pulled"),
        pytest.param(
            {"imagePullSecrets": [{"name": "pull"}, {"name": "ok"}]},
            f'imagePullSecrets[1].name="ok" {MINE} imagePullSecret',
            id="pulled-with-another",
        ),
    ],
)
def test_accounts_limit_what_their_pods_name(spec, text):
    write = attributes(PODS, pod(**spec), mounting(), name="p")
    if not text:
        ServiceAccountAdmission().admit(write)
        return
    error = refusal(lambda: ServiceAccountAdmission().admit(write))
    assert (error.code, error.message) == (403, f'pods "p" is forbidden: {text}')
    ServiceAccountAdmission().admit(attributes(PODS, pod(**spec), mounting("no"), name="p"))


def test_accounts_limit_what_ephemeral_containers_name():
    obj = pod(serviceAccountName="default", ephemeralContainers=[reading("no", "e")])
    how = {"verb": "update", "name": "p"}
    ServiceAccountAdmission().validate(attributes(PODS, obj, mounting(), **how))  # an update of the pod itself
    write = attributes(PODS, obj, mounting(), **how, subresource="ephemeralcontainers")
    error = refusal(lambda: ServiceAccountAdmission().validate(write))
    assert error.message == (
        f'pods "p" is forbidden: ephemeral container e with envVar A referencing secret.secretName="no" {MINE} secret'
    )


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({}, ""),
        ({"serviceAccountName": "default"}, "may not reference service accounts"),
        ({"imagePullSecrets": [{"name": "a"}]}, "may not reference secrets"),
        ({"containers": [taking("a")]}, "may not reference secrets"),
        (
            {"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]},
            "may not use ServiceAccountToken volume projections",
        ),
    ],
    ids=["nothing", "account", "pull-secret", "environment", "token"],
)
def test_mirror_pods_name_nothing(spec, text):
    mirror = pod(**spec)
    mirror["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    write = attributes(PODS, mirror, Objects(), name="p")
    if not text:
        ServiceAccountAdmission().admit(write)
        return
    error = refusal(lambda: ServiceAccountAdmission().admit(write))
    assert (error.code, error.message) == (403, f'pods "p" is forbidden: a mirror pod {text}')


GROWABLE = (
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"
)


@pytest.mark.parametrize(
    ("wanted", "phase", "grows", "name", "text"),
    [
        ("1Gi", "Pending", False, "c", ""),
        ("512Mi", "Bound", False, "c", ""),
        ("2Gi", "Bound", True, "c", ""),
        ("2Gi", "Pending", True, "c", "Only bound persistent volume claims can be expanded"),
        ("2Gi", "Bound", False, "c", GROWABLE),
        ("2Gi", "Bound", True, "", GROWABLE),
        ("2Gi", "Bound", True, "gone", GROWABLE),
    ],
    ids=["same", "smaller", "grows", "unbound", "fixed", "without-class", "missing-class"],
)
def test_claims_grow_where_their_class_allows_it(wanted, phase, grows, name, text):
    def claim(size):
        spec = {"storageClassName": name, "resources": {"requests": {"storage": size}}}
        return named("d", spec=spec, status={"phase": phase})

    world = Objects(storageclasses=[named("c", allowVolumeExpansion=grows)])
    write = attributes(find("persistentvolumeclaims"), claim(wanted), world, verb="update", old=claim("1Gi"), name="d")
    if not text:
        ClaimGrowth().validate(write)
        return
    error = refusal(lambda: ClaimGrowth().validate(write))
    assert (error.code, error.message) == (403, f'persistentvolumeclaims "d" is forbidden: {text}')
