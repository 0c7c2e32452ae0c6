"""The roles that every cluster has, as a table that people can read.

A line at the margin names a role and, after `->`, who holds it from the start; the lines below it are its rules:
verbs, API groups, resources and, if there are more words, the only names. `-` in place of groups says that paths follow.
`core` is the group without a name. Clients count on these names and on what they allow; it must never grow a right
that the published policy of the API does not give.
"""

# ruff: noqa: E501 - one rule a line
from __future__ import annotations

from typing import Final

READ: Final = "get,list,watch"
WRITE: Final = "create,delete,deletecollection,patch,update"

CLUSTER_ROLES: Final = """
cluster-admin -> group:system:masters
  * * *
  * - *
system:public-info-viewer -> group:system:authenticated group:system:unauthenticated
  get - /healthz,/livez,/readyz,/version,/version/
system:discovery -> group:system:authenticated
  get - /api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/
system:basic-user -> group:system:authenticated
  create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews
  create authentication.k8s.io selfsubjectreviews
system:monitoring -> group:system:monitoring
  get - /healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*
system:service-account-issuer-discovery -> group:system:serviceaccounts
  get - /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/
admin aggregates=admin
edit aggregates=edit to=admin
view aggregates=view to=edit
system:aggregate-to-admin to=admin
  create authorization.k8s.io localsubjectaccessreviews
  READ,WRITE rbac.authorization.k8s.io rolebindings,roles
system:aggregate-to-edit to=edit
  READ core pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy
  impersonate core serviceaccounts
  WRITE core pods,pods/attach,pods/exec,pods/portforward,pods/proxy
  create core pods/eviction
  WRITE core configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy
  create core serviceaccounts/token
  WRITE apps daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale
  WRITE autoscaling horizontalpodautoscalers
  WRITE batch cronjobs,jobs
  WRITE extensions daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale
  WRITE policy poddisruptionbudgets
  WRITE networking.k8s.io ingresses,networkpolicies
  READ,WRITE coordination.k8s.io leases
  WRITE resource.k8s.io resourceclaims,resourceclaimtemplates
system:aggregate-to-view to=view
  READ core configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status
  READ core bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status
  READ core namespaces
  READ discovery.k8s.io endpointslices
  READ apps controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status
  READ autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status
  READ batch cronjobs,cronjobs/status,jobs,jobs/status
  READ extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale
  READ policy poddisruptionbudgets,poddisruptionbudgets/status
  READ networking.k8s.io ingresses,ingresses/status,networkpolicies
  READ resource.k8s.io resourceclaims,resourceclaims/status,resourceclaimtemplates
system:auth-delegator
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io subjectaccessreviews
system:kube-aggregator
  READ core endpoints,services
system:kube-dns -> account:kube-dns
  list,watch core endpoints,services
system:node ->
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews
  READ core services
  create,get,list,watch core nodes
  patch,update core nodes/status
  patch,update core nodes
  create,patch,update core events
  READ core pods
  create,delete core pods
  patch,update core pods/status
  create core pods/eviction
  READ core configmaps,secrets
  get core persistentvolumeclaims,persistentvolumes
  get core endpoints
  create,get,list,watch certificates.k8s.io certificatesigningrequests
  create,delete,get,patch,update coordination.k8s.io leases
  get storage.k8s.io volumeattachments
  create core serviceaccounts/token
  get,patch,update core persistentvolumeclaims/status
  READ storage.k8s.io csidrivers
  create,delete,get,patch,update storage.k8s.io csinodes
  READ node.k8s.io runtimeclasses
  get resource.k8s.io resourceclaims
system:node-bootstrapper
  create,get,list,watch certificates.k8s.io certificatesigningrequests
system:node-problem-detector
  get core nodes
  patch core nodes/status
  EVENTS
system:node-proxier -> user:system:kube-proxy
  list,watch core endpoints,services
  READ core nodes
  EVENTS
  list,watch discovery.k8s.io endpointslices
  list,watch networking.k8s.io servicecidrs
system:kubelet-api-admin
  READ core nodes
  proxy core nodes
  * core nodes/log,nodes/metrics,nodes/proxy,nodes/stats
system:persistent-volume-provisioner
  create,delete,get,list,watch core persistentvolumes
  get,list,update,watch core persistentvolumeclaims
  READ storage.k8s.io storageclasses
  watch core events
  EVENTS
system:volume-scheduler -> user:system:kube-scheduler
  get,list,patch,update,watch core persistentvolumes
  READ storage.k8s.io storageclasses
  get,list,patch,update,watch core persistentvolumeclaims
system:kube-scheduler -> user:system:kube-scheduler
  EVENTS
  create coordination.k8s.io leases
  get,list,update,watch coordination.k8s.io leases kube-scheduler
  READ core nodes
  delete,get,list,watch core pods
  create core bindings,pods/binding
  patch,update core pods/status
  READ core replicationcontrollers,services
  READ apps,extensions replicasets
  READ apps statefulsets
  READ policy poddisruptionbudgets
  READ core persistentvolumeclaims,persistentvolumes
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io subjectaccessreviews
  READ storage.k8s.io csinodes
  READ core namespaces
  READ storage.k8s.io csidrivers
  READ storage.k8s.io csistoragecapacities
  READ storage.k8s.io volumeattachments
system:kube-controller-manager -> user:system:kube-controller-manager
  EVENTS
  create coordination.k8s.io leases
  get,list,update,watch coordination.k8s.io leases kube-controller-manager
  create core secrets,serviceaccounts
  delete core secrets
  get core configmaps,namespaces,secrets,serviceaccounts
  update core secrets,serviceaccounts
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io subjectaccessreviews
  list,watch * *
  create core serviceaccounts/token
system:certificates.k8s.io:certificatesigningrequests:nodeclient
  create certificates.k8s.io certificatesigningrequests/nodeclient
system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
  create certificates.k8s.io certificatesigningrequests/selfnodeclient
system:certificates.k8s.io:kube-apiserver-client-approver
  approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client
system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
  approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client-kubelet
system:certificates.k8s.io:kubelet-serving-approver
  approve certificates.k8s.io signers kubernetes.io/kubelet-serving
system:certificates.k8s.io:legacy-unknown-approver
  approve certificates.k8s.io signers kubernetes.io/legacy-unknown
"""

CONTROLLERS: Final = """
clusterrole-aggregation-controller
  escalate,get,list,patch,update,watch rbac.authorization.k8s.io clusterroles
cronjob-controller
  get,list,update,watch batch cronjobs
  create,delete,get,list,patch,update,watch batch jobs
  update batch cronjobs/status
  update batch cronjobs/finalizers
  delete,list core pods
  EVENTS
deployment-controller
  get,list,update,watch apps,extensions deployments
  update apps,extensions deployments/status
  update apps,extensions deployments/finalizers
  create,delete,get,list,patch,update,watch apps,extensions replicasets
  get,list,update,watch core pods
  EVENTS
disruption-controller
  READ apps,extensions deployments
  READ apps,extensions replicasets
  READ core replicationcontrollers
  READ policy poddisruptionbudgets
  READ apps statefulsets
  update policy poddisruptionbudgets/status
  get,list,patch,watch core pods
  patch,update core pods/status
  get * */scale
  EVENTS
endpoint-controller
  READ core pods,services
  create,delete,get,list,update core endpoints
  create core endpoints/restricted
  EVENTS
endpointslice-controller
  READ core nodes,pods,services
  update core services/finalizers
  create,delete,get,list,update discovery.k8s.io endpointslices
  EVENTS
endpointslicemirroring-controller
  READ core endpoints,services
  update core services/finalizers
  update core endpoints/finalizers
  create,delete,get,list,update discovery.k8s.io endpointslices
  EVENTS
generic-garbage-collector
  delete,get,list,patch,update,watch * *
  EVENTS
job-controller
  get,list,patch,update,watch batch jobs
  update batch jobs/status
  update batch jobs/finalizers
  create,delete,list,patch,watch core pods
  EVENTS
namespace-controller
  delete,get,list,watch core namespaces
  update core namespaces/finalize,namespaces/status
  delete,deletecollection,get,list * *
node-controller
  delete,get,list,patch,update,watch core nodes
  patch,update core nodes/status
  patch,update core pods/status
  delete,get,list,watch core pods
  EVENTS
pod-garbage-collector
  delete,list,watch core pods
  get,list core nodes
  patch core pods/status
pv-protection-controller
  get,list,update,watch core persistentvolumes
  EVENTS
pvc-protection-controller
  get,list,update,watch core persistentvolumeclaims
  READ core pods
  EVENTS
replicaset-controller
  get,list,update,watch apps,extensions replicasets
  update apps,extensions replicasets/status
  update apps,extensions replicasets/finalizers
  create,delete,list,patch,watch core pods
  EVENTS
resourcequota-controller
  list,watch * *
  update core resourcequotas/status
  EVENTS
root-ca-cert-publisher
  create,update core configmaps
  EVENTS
service-account-controller
  create core serviceaccounts
  EVENTS
ttl-after-finished-controller
  delete,get,list,watch batch jobs
  EVENTS
"""

ROLES: Final = """
kube-system/extension-apiserver-authentication-reader -> user:system:kube-controller-manager user:system:kube-scheduler as=system::extension-apiserver-authentication-reader
  READ core configmaps extension-apiserver-authentication
kube-system/system:controller:bootstrap-signer -> account:bootstrap-signer
  READ core secrets
kube-system/system:controller:cloud-provider -> account:cloud-provider
  create,get,list,watch core configmaps
kube-system/system:controller:token-cleaner -> account:token-cleaner
  delete,get,list,watch core secrets
  EVENTS
kube-system/system::leader-locking-kube-controller-manager -> user:system:kube-controller-manager account:kube-controller-manager account:leader-election-controller
  create,get,list,update,watch coordination.k8s.io leases
  create,get,list,update,watch coordination.k8s.io leasecandidates
kube-system/system::leader-locking-kube-scheduler -> user:system:kube-scheduler account:kube-scheduler
  create,get,list,update,watch coordination.k8s.io leases
  create,get,list,update,watch coordination.k8s.io leasecandidates
kube-public/system:controller:bootstrap-signer -> account:bootstrap-signer
  READ core configmaps
  patch,update core configmaps cluster-info
  EVENTS
"""
