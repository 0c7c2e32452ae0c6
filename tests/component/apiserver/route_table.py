"""Every route of the server, and which of these identities pass authorization there: what is not named is refused.

    reader   may get, list and watch pods of namespace "ns", by a Role
    node     a node, asking about an object that has nothing to do with it; what it may write is checked again when the
             object is known
    all      whoever has a credential, the two above among them
    anonymous   nobody

A route that the server has and this table has not (or the other way round) fails the test: whoever adds one says here who
may use it. `@` names a version other than v1. The last two kinds are defined by the test.
"""

RESOURCES = """
apiservices.apiregistration.k8s.io
apiservices.apiregistration.k8s.io/status
bindings
certificatesigningrequests.certificates.k8s.io  node=get,list,watch,create
certificatesigningrequests.certificates.k8s.io/approval
certificatesigningrequests.certificates.k8s.io/status
clusterrolebindings.rbac.authorization.k8s.io
clusterroles.rbac.authorization.k8s.io
componentstatuses
configmaps
controllerrevisions.apps
cronjobs.batch
cronjobs.batch/status
csidrivers.storage.k8s.io  node=get,list,watch
csinodes.storage.k8s.io  node=create
csistoragecapacities.storage.k8s.io
customresourcedefinitions.apiextensions.k8s.io
customresourcedefinitions.apiextensions.k8s.io/status
daemonsets.apps
daemonsets.apps/status
deployments.apps
deployments.apps/scale
deployments.apps/status
deviceclasses.resource.k8s.io
endpoints  node=get
endpointslices.discovery.k8s.io
events  node=create,update,patch
events.events.k8s.io
flowschemas.flowcontrol.apiserver.k8s.io
flowschemas.flowcontrol.apiserver.k8s.io/status
horizontalpodautoscalers.autoscaling
horizontalpodautoscalers.autoscaling/status
horizontalpodautoscalers.autoscaling/status@v2
horizontalpodautoscalers.autoscaling@v2
ingressclasses.networking.k8s.io
ingresses.networking.k8s.io
ingresses.networking.k8s.io/status
ipaddresses.networking.k8s.io
jobs.batch
jobs.batch/status
leases.coordination.k8s.io
limitranges
localsubjectaccessreviews.authorization.k8s.io  node=create
mutatingadmissionpolicies.admissionregistration.k8s.io
mutatingadmissionpolicybindings.admissionregistration.k8s.io
mutatingwebhookconfigurations.admissionregistration.k8s.io
namespaces
namespaces/finalize
namespaces/status
networkpolicies.networking.k8s.io
nodes  node=create,update,patch
nodes/proxy
nodes/status  node=update,patch
persistentvolumeclaims
persistentvolumeclaims/status
persistentvolumes
persistentvolumes/status
poddisruptionbudgets.policy
poddisruptionbudgets.policy/status
pods  reader=get,list,watch node=create,delete
pods/attach
pods/binding
pods/ephemeralcontainers
pods/eviction  node=create
pods/exec
pods/log
pods/portforward
pods/proxy
pods/resize
pods/status  node=update,patch
podtemplates
priorityclasses.scheduling.k8s.io
prioritylevelconfigurations.flowcontrol.apiserver.k8s.io
prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/status
replicasets.apps
replicasets.apps/scale
replicasets.apps/status
replicationcontrollers
replicationcontrollers/scale
replicationcontrollers/status
resourceclaims.resource.k8s.io
resourceclaims.resource.k8s.io/status
resourceclaimtemplates.resource.k8s.io
resourcequotas
resourcequotas/status
resourceslices.resource.k8s.io  node=create
rolebindings.rbac.authorization.k8s.io
roles.rbac.authorization.k8s.io
runtimeclasses.node.k8s.io  node=get,list,watch
secrets
selfsubjectaccessreviews.authorization.k8s.io  all=create
selfsubjectreviews.authentication.k8s.io  all=create
selfsubjectrulesreviews.authorization.k8s.io  all=create
serviceaccounts
serviceaccounts/token
servicecidrs.networking.k8s.io
servicecidrs.networking.k8s.io/status
services  node=get,list,watch
services/proxy
services/status
statefulsets.apps
statefulsets.apps/scale
statefulsets.apps/status
storageclasses.storage.k8s.io
subjectaccessreviews.authorization.k8s.io  node=create
tokenreviews.authentication.k8s.io  node=create
validatingadmissionpolicies.admissionregistration.k8s.io
validatingadmissionpolicies.admissionregistration.k8s.io/status
validatingadmissionpolicybindings.admissionregistration.k8s.io
validatingwebhookconfigurations.admissionregistration.k8s.io
volumeattachments.storage.k8s.io
volumeattachments.storage.k8s.io/status
volumeattributesclasses.storage.k8s.io
widgets.example.com
widgets.example.com/scale
widgets.example.com/status
"""

PATHS = """
/
/.well-known/openid-configuration
/api  all
/api/*  all
/apis  all
/apis/*  all
/healthz  all anonymous
/healthz/*
/livez  all anonymous
/livez/*
/metrics
/openapi/*  all
/openid/v1/jwks
/readyz  all anonymous
/readyz/*
/version  all anonymous
"""
