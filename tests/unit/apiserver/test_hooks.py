"""Where webhooks are: URLs, services and who answers for them. Answers as they come, in pieces."""

import base64

import pytest

from podwright.apiserver.hooks.backends import Backend, backends_of
from podwright.apiserver.hooks.failing import refused
from podwright.apiserver.hooks.target import ServiceTarget, target_of


class Found:
    """Look-ups of what a test put there."""

    def __init__(self, **objects):
        self._objects = objects

    def get(self, resource, name, namespace=""):
        return self._objects.get(f"{resource.plural}_{name.replace('-', '_')}")

    def list(self, resource, namespace=""):
        return self._objects.get(resource.plural, [])


def service(**spec):
    return {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 443, "targetPort": 8443}], **spec}}


@pytest.mark.parametrize(
    ("config", "authority", "url"),
    [
        pytest.param({"url": "https://h/p"}, "h", "https://h/p?timeout=10s", id="host"),
        pytest.param({"url": "https://h:444"}, "h:444", "https://h:444/?timeout=10s", id="port"),
        pytest.param({"url": "https://[::1]:444/"}, "[::1]:444", "https://[::1]:444/?timeout=10s", id="v6"),
        pytest.param(
            {"service": {"namespace": "n", "name": "s"}},
            "s.n.svc:443",
            "https://s.n.svc:443/?timeout=10s",
            id="service",
        ),
        pytest.param(
            {"service": {"namespace": "n", "name": "s", "port": 8443, "path": "/a"}},
            "s.n.svc:8443",
            "https://s.n.svc:8443/a?timeout=10s",
            id="port and path",
        ),
    ],
)
def test_targets(config, authority, url):
    target = target_of(config)
    assert (target.authority, target.url(10)) == (authority, url)


def test_configurations_that_say_the_same_are_one():
    ca = base64.b64encode(b"x").decode()
    assert target_of({"url": "https://h/p", "caBundle": ca}) == target_of({"caBundle": ca, "url": "https://h/p"})
    assert target_of({"url": "https://h/p", "caBundle": ca}) != target_of({"url": "https://h/p"})


@pytest.mark.parametrize("config", [{}, {"url": ""}, {"url": "https://h", "caBundle": "!"}], ids=str)
def test_configurations_that_lead_nowhere(config):
    with pytest.raises(ValueError, match=r"either service or URL|root certificates"):
        target_of(config)


def test_an_address_without_a_pod_is_reached_directly():
    endpoints = {"subsets": [{"addresses": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}], "ports": [{"port": 8443}]}]}
    found = backends_of(ServiceTarget("n", "s", 443), Found(services_s=service(), endpoints_s=endpoints))
    assert found == [Backend("10.0.0.1", 8443), Backend("10.0.0.2", 8443)]


def test_a_service_that_is_a_name():
    spec = service(type="ExternalName", externalName="h.example.com", ports=None)
    assert backends_of(ServiceTarget("n", "s", 444), Found(services_s=spec)) == [Backend("h.example.com", 444)]


@pytest.mark.parametrize(
    ("code", "body", "text"),
    [
        (404, b"", "the server could not find the requested resource"),
        (500, b"", 'an error on the server ("unknown") has prevented the request from succeeding'),
        (502, b"<html>", 'an error on the server ("<html>") has prevented the request from succeeding'),
        (403, b'{"kind":"Status","message":"not you"}', "not you"),
        (301, b"", "the server responded with the status code 301 but did not return more information"),
    ],
)
def test_what_answers_without_success_mean(code, body, text):
    error = refused(code, body)
    assert (error.code, str(error)) == (code, text)
