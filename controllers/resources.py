"""The rows of the resource table that controllers name, looked up once."""

from __future__ import annotations

from podwright.api.resources import find

CLUSTER_ROLES = find("clusterroles", "rbac.authorization.k8s.io")
CONFIG_MAPS = find("configmaps")
CONTROLLER_REVISIONS = find("controllerrevisions", "apps")
CRON_JOBS = find("cronjobs", "batch")
DAEMON_SETS = find("daemonsets", "apps")
DEFINITIONS = find("customresourcedefinitions", "apiextensions.k8s.io")
DEPLOYMENTS = find("deployments", "apps")
DISRUPTION_BUDGETS = find("poddisruptionbudgets", "policy")
ENDPOINT_SLICES = find("endpointslices", "discovery.k8s.io")
ENDPOINTS = find("endpoints")
FLOW_SCHEMAS = find("flowschemas", "flowcontrol.apiserver.k8s.io")
JOBS = find("jobs", "batch")
LEASES = find("leases", "coordination.k8s.io")
NAMESPACES = find("namespaces")
NODES = find("nodes")
PERSISTENT_VOLUME_CLAIMS = find("persistentvolumeclaims")
PERSISTENT_VOLUMES = find("persistentvolumes")
PODS = find("pods")
PRIORITY_LEVELS = find("prioritylevelconfigurations", "flowcontrol.apiserver.k8s.io")
REPLICA_SETS = find("replicasets", "apps")
REPLICATION_CONTROLLERS = find("replicationcontrollers")
SERVICE_ACCOUNTS = find("serviceaccounts")
SECRETS = find("secrets")
SERVICES = find("services")
SIGNING_REQUESTS = find("certificatesigningrequests", "certificates.k8s.io")
STATEFUL_SETS = find("statefulsets", "apps")
VALIDATING_POLICIES = find("validatingadmissionpolicies", "admissionregistration.k8s.io")
