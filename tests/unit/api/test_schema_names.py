"""Attributes become the API's own, unevenly capitalised names."""

from __future__ import annotations

import pytest

from podwright.api.core.nodestatus import DaemonEndpoint
from podwright.api.modeling.names import json_name
from podwright.api.schema import schema_of


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("name", "name"),
        ("api_version", "apiVersion"),
        ("pod_ip", "podIP"),
        ("pod_ips", "podIPs"),
        ("host_ip", "hostIP"),
        ("host_ips", "hostIPs"),
        ("pod_cidr", "podCIDR"),
        ("pod_cidrs", "podCIDRs"),
        ("host_pid", "hostPID"),
        ("host_ipc", "hostIPC"),
        ("cluster_ip", "clusterIP"),
        ("cluster_ips", "clusterIPs"),
        ("external_ips", "externalIPs"),
        ("load_balancer_ip", "loadBalancerIP"),
        ("client_ip", "clientIP"),
        ("image_id", "imageID"),
        ("container_id", "containerID"),
        ("provider_id", "providerID"),
        ("external_id", "externalID"),
        ("machine_id", "machineID"),
        ("boot_id", "bootID"),
        ("system_uuid", "systemUUID"),
        ("dataset_uuid", "datasetUUID"),
        ("volume_id", "volumeID"),
        ("disk_uri", "diskURI"),
        ("non_resource_urls", "nonResourceURLs"),
        ("insecure_skip_tls_verify", "insecureSkipTLSVerify"),
        ("target_wwns", "targetWWNs"),
        ("wwids", "wwids"),
        ("set_hostname_as_fqdn", "setHostnameAsFQDN"),
        ("downward_api", "downwardAPI"),
        ("scale_io", "scaleIO"),
        ("ip_families", "ipFamilies"),
        ("fs_group", "fsGroup"),
        ("fs_type", "fsType"),
        ("dns_policy", "dnsPolicy"),
        ("http_get", "httpGet"),
        ("uid", "uid"),
        ("os", "os"),
        ("os_image", "osImage"),
        ("se_linux_options", "seLinuxOptions"),
        ("qos_class", "qosClass"),
        ("fields_v1", "fieldsV1"),
        ("continue_", "continue"),
    ],
)
def test_json_name(attribute: str, name: str) -> None:
    assert json_name(attribute) == name


def test_a_name_without_a_rule_is_given_with_the_field() -> None:
    assert list(schema_of(DaemonEndpoint).fields) == ["Port"]
