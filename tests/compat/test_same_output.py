"""pw and kubectl, asked the same, answer the same: people and scripts know that text."""

from __future__ import annotations

import re
import shlex
from concurrent.futures import ThreadPoolExecutor

import pytest
from clients import Result, Tool

pytestmark = pytest.mark.kubectl

OUTPUT = [
    "get pods",
    "get pods -o wide",
    "get pods --show-labels",
    "get pods -L app,tier",
    "get pods --no-headers",
    "get pods --sort-by=.metadata.name -o name",
    "get pods -l !controller-revision-hash --sort-by=.spec.nodeName",
    "get pods --field-selector=status.phase=Running",
    "get pods --field-selector=metadata.name!=alone,spec.nodeName!=node-9",
    "get pods -l app=web",
    "get pods -l 'app in (web),tier!=low'",
    "get pods -l app=none",
    "get pods alone -o yaml",
    "get pods alone -o json",
    "get pods alone --show-kind",
    "get pods --chunk-size=1",
    "get pods -w=false",
    "get po,svc,deploy",
    "get all",
    "get all -o wide",
    "get all -o name",
    "get all --no-headers",
    "get nodes",
    "get nodes -o wide",
    "get ns",
    "get cm,secret,sa",
    "get pc",
    "get leases",
    "get endpointslices",
    "get rs -o wide",
    "get deploy/web svc/web",
    "get deploy web -o yaml",
    "get deployments.apps web",
    "get deployments.v1.apps web",
    "get Deployment web",
    "get deploy web -o jsonpath={.spec.replicas}",
    "get deploy web -o jsonpath={.nothing}",
    'get pods -o jsonpath=\'{range .items[*]}{.metadata.name}{"\\t"}{.status.phase}{"\\n"}{end}\'',
    "get pods -o jsonpath='{.items[?(@.metadata.name==\"alone\")].spec.containers[0].image}'",
    "get pods -o jsonpath-as-json='{.items[*].metadata.name}'",
    "get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,RESTARTS:.status.containerStatuses[*].restartCount,NONE:.x",
    "get pods -o custom-columns=A:.metadata.name --no-headers",
    "get deploy,svc,cm -o yaml",
    "get deploy,svc,cm -o json",
    "get -f all.yaml",
    "get -f . -o name",
    "get pod nothing --ignore-not-found",
    "get deploy web --subresource=scale",
    "get --raw /readyz",
    "describe cm web",
    "describe secret web",
    "describe svc web",
    "describe ns gallery",
    "describe quota",
    "describe limits",
    "describe pdb",
    "describe pc system-node-critical",
    "get quota,limits,pdb",
    "rollout status deploy/web",
    "rollout history deploy/web",
    "wait --for=condition=Available deploy/web",
    "wait --for=condition=Ready pod -l app=web",
    "wait --for=jsonpath={.spec.replicas}=2 deploy/web",
    "wait --for=create cm/web",
    "api-versions",
    "api-resources",
    "api-resources --namespaced=false",
    "api-resources -o name",
    "api-resources --api-group=apps",
    "apply -f all.yaml",
    "apply -f all.yaml --dry-run=server",
    "diff -f all.yaml",
    "create ns gallery-2 --dry-run=client",
    "create cm x --from-literal=a=b --dry-run=server",
    "delete pod alone --dry-run=server",
    "config get-contexts",
    "config current-context",
]

REFUSED = [
    "get pods nothing",
    "get pods,svc nothing",
    "get deploy nothing web",
    "delete cm nothing",
    "delete -f nothing.yaml",
    "label cm nothing a=b",
    "label cm web 'bad key=1'",
    "patch cm nothing -p '{}'",
    'patch deploy web -p \'{"spec":{"selector":{"matchLabels":{"app":"other"}}}}\'',
    "scale deploy/web --replicas=1 --current-replicas=7",
    "rollout status deploy/nothing",
    "rollout undo deploy/web --to-revision=99",
    "rollout resume deploy/web",
    "wait --for=condition=Ready pod/nothing",
    "wait --for=condition=Ready pod -l app=none",
    "wait --for=jsonpath={.spec.replicas}=9 deploy/web --timeout=1s",
    "cordon nothing",
    "create cm --from-literal",
    "apply -f nothing.yaml",
]


def normal(text: str) -> str:
    """Without ages, addresses of the moment, and the widths of the columns they stand in."""
    text = re.sub(r"\b\d+(s|m\d+s|m)\b", "AGE", text)
    text = text.replace(" from gallery namespace", "")  # newer kubectl says so too
    return re.sub(r" {2,}", "  ", text)


def both(command: str, kubectl: Tool, pw: Tool, code: int | None) -> tuple[Result, Result]:
    """Run it with both at the same time, which is half of the time."""
    words = shlex.split(command)
    with ThreadPoolExecutor() as pool:
        ours = pool.submit(pw, *words, code=code)
        return kubectl(*words, code=code), ours.result()


@pytest.mark.parametrize("command", OUTPUT)
def test_same_output(command: str, kubectl_gallery: Tool, pw_gallery: Tool) -> None:
    theirs, ours = both(command, kubectl_gallery, pw_gallery, code=0)

    assert normal(ours.out) == normal(theirs.out)
    assert normal(ours.err) == normal(theirs.err)


@pytest.mark.parametrize("command", REFUSED)
def test_same_refusal(command: str, kubectl_gallery: Tool, pw_gallery: Tool) -> None:
    theirs, ours = both(command, kubectl_gallery, pw_gallery, code=None)

    assert theirs.code == 1
    assert ours.code in {1, 2}
    if ours.code == 1:
        assert ours.err.strip() == theirs.err.strip()
        assert ours.out == theirs.out


def test_same_pages(kubectl_gallery: Tool, pw_gallery: Tool) -> None:
    """Newer kubectl than 1.32 names ports; ours does too. Everything else of a pod's page is the same."""
    theirs, ours = kubectl_gallery("describe", "pod", "alone"), pw_gallery("describe", "pod", "alone")

    plain = normal(theirs.out).replace("ConfigMapOptional:  <nil>", "Optional:  false")
    assert normal(ours.out) == plain
