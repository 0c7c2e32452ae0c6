"""What labels of a namespace and the administrator's file mean, and what is told of pods that are there already."""

import pytest

from podwright.apiserver.config_file import ConfigFileError
from podwright.apiserver.pod_security import existing
from podwright.apiserver.pod_security.configuration import read_configuration
from podwright.apiserver.pod_security.existing import warnings_about
from podwright.apiserver.pod_security.level import FREE, Standard
from podwright.apiserver.pod_security.policy import PREFIX, UNASKED, Policy, policy_of


def labels(**modes):
    return {f"{PREFIX}{name.replace('_', '-')}": value for name, value in modes.items()}


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        ({}, UNASKED),
        ({"other": "x"}, UNASKED),
        (labels(enforce="baseline"), Policy(Standard("baseline"), FREE, Standard("baseline"))),
        (
            labels(enforce="restricted", enforce_version="v1.30"),
            Policy(Standard("restricted", 30), FREE, Standard("restricted", 30)),
        ),
        (labels(enforce="restricted", warn="baseline"), Policy(Standard("restricted"), FREE, Standard("baseline"))),
        (
            labels(enforce="baseline", enforce_version="v1.20", warn_version="v1.31"),
            Policy(Standard("baseline", 20), FREE, Standard("baseline", 31)),
        ),
        (labels(audit="restricted", audit_version="latest"), Policy(FREE, Standard("restricted"), FREE)),
        (labels(enforce="privileged", warn="restricted"), Policy(FREE, FREE, Standard("restricted"))),
        (
            labels(enforce="baseline", enforce_version="v1.0"),
            Policy(Standard("baseline", 0), FREE, Standard("baseline", 0)),
        ),
    ],
    ids=str,
)
def test_labels_that_can_be_read(given, policy):
    assert policy_of(given, UNASKED) == (policy, [])


def test_labels_that_cannot_be_read_enforce_the_strictest_and_warn_of_nothing():
    given = labels(enforce="nope", enforce_version="1.2", audit="x", warn="y", warn_version="v2.1")
    policy, errors = policy_of(given, UNASKED)
    assert policy == Policy(Standard("restricted"), FREE, FREE)
    assert [e.text() for e in errors] == [
        f'metadata.labels[{PREFIX}{key}]: Invalid value: "{value}": {why}'
        for key, value, why in [
            ("enforce", "nope", "must be one of privileged, baseline, restricted"),
            ("enforce-version", "1.2", 'must be "latest" or "v1.x"'),
            ("audit", "x", "must be one of privileged, baseline, restricted"),
            ("warn", "y", "must be one of privileged, baseline, restricted"),
            ("warn-version", "v2.1", 'must be "latest" or "v1.x"'),
        ]
    ]


@pytest.mark.parametrize("version", ["v1.01", "v1", "v1.-1", "V1.2", "", "v1.2 ", "v1.x"], ids=repr)
def test_what_is_no_version(version):
    assert len(policy_of(labels(warn_version=version), UNASKED)[1]) == 1


def test_defaults_hold_where_labels_are_silent():
    defaults = Policy(Standard("baseline", 30), Standard("restricted"), Standard("restricted"))
    assert policy_of(labels(enforce_version="v1.31"), defaults)[0].enforce == Standard("baseline", 31)
    assert policy_of(labels(enforce="privileged"), defaults)[0] == Policy(
        FREE.__class__("privileged", 30), *_rest(defaults)
    )


def _rest(policy):
    return policy.audit, policy.warn


def pod(name, owner="", **spec):
    metadata = {"name": name}
    if owner:
        metadata["ownerReferences"] = [{"uid": owner, "controller": True}]
    return {"metadata": metadata, "spec": {"containers": [{"name": "c"}], **spec}}


def test_pods_that_are_alike_are_told_together():
    pods = [
        pod("c", "rs", hostPID=True),
        pod("b", "rs", hostPID=True),
        pod("a", hostPID=True),
        pod("fine"),
        pod("z", hostPID=True, volumes=[{"name": "v", "hostPath": {}}]),
        pod("y", hostPID=True, volumes=[{"name": "v", "hostPath": {}}]),
        pod("x", hostIPC=True, runtimeClassName="vm"),
    ]
    assert warnings_about("ns", pods, Standard("baseline", 30), {"vm"}) == [
        'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:v1.30"',
        "a (and 2 other pods): host namespaces",
        "y (and 1 other pod): host namespaces, hostPath volumes",
    ]
    assert warnings_about("ns", pods[:1], Standard("baseline"), ()) == [
        'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
        "c: host namespaces",
    ]
    assert warnings_about("ns", [pod("fine")], Standard("baseline"), ()) == []


def test_of_very_many_pods_one_of_each_owner_is_looked_at(monkeypatch):
    monkeypatch.setattr(existing, "MOST", 2)
    pods = [pod("a", "one"), pod("b", "one"), pod("c", "two", hostPID=True)]
    assert warnings_about("ns", pods, Standard("baseline"), ()) == [
        "new PodSecurity enforce level only checked against the first 2 of 3 existing pods",
        'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"',
        "c: host namespaces",
    ]


CONFIGURATION = """
kind: PodSecurityConfiguration
apiVersion: pod-security.admission.config.k8s.io/v1
defaults: {enforce: baseline, enforce-version: v1.30, warn: restricted}
exemptions: {usernames: [root], namespaces: [kube-system], runtimeClasses: [vm]}
"""


@pytest.mark.parametrize("wrapped", [False, True], ids=["alone", "plugin"])
def test_the_file(tmp_path, wrapped):
    text = CONFIGURATION
    if wrapped:
        inner = "".join(f"    {line}\n" for line in CONFIGURATION.strip().splitlines())
        text = f"kind: AdmissionConfiguration\nplugins:\n- name: Other\n- name: PodSecurity\n  configuration:\n{inner}"
    path = tmp_path / "psa.yaml"
    path.write_text(text)
    found = read_configuration(path)
    assert found.defaults == Policy(Standard("baseline", 30), FREE, Standard("restricted"))
    assert (found.usernames, found.namespaces, found.runtime_classes) == ({"root"}, {"kube-system"}, {"vm"})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the document: must be an object"),
        ("kind: X", "there is no PodSecurityConfiguration in it"),
        ("kind: AdmissionConfiguration", "PodSecurity: must be an object"),
        ("{kind: PodSecurityConfiguration, defaults: {enforce: x}}", "defaults.enforce: must be one of"),
        ("{kind: PodSecurityConfiguration, defaults: {warn-version: '1'}}", "defaults.warn-version: must be"),
        ("{kind: PodSecurityConfiguration, defaults: {enforced: x}}", 'unknown field "defaults.enforced"'),
        ("{kind: PodSecurityConfiguration, exemptions: {namespaces: x}}", "exemptions.namespaces: must be a list"),
        ("{kind: [", "while parsing"),
    ],
    ids=str,
)
def test_files_that_are_refused(tmp_path, text, why):
    path = tmp_path / "psa.yaml"
    path.write_text(text)
    with pytest.raises(ConfigFileError, match="cannot use") as error:
        read_configuration(path)
    assert why in str(error.value)
