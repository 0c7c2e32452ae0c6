"""Protobuf field numbers of every type, from the API's published message definitions: facts of the wire, nothing else.

A line is `type: field=number ...`; `name=1.1` is field 1 of a message embedded as field 1. Fields without a number are
never sent as protobuf.
"""

from __future__ import annotations

from typing import Final

from podwright.api.protobuf.numbers_core import CORE

_GROUPS: Final = """\
api.admissionregistration.v1.ApplyConfiguration: expression=1
api.admissionregistration.v1.AuditAnnotation: key=1 valueExpression=2
api.admissionregistration.v1.ExpressionWarning: fieldRef=2 warning=3
api.admissionregistration.v1.JSONPatch: expression=1
api.admissionregistration.v1.MatchCondition: name=1 expression=2
api.admissionregistration.v1.MatchResources: namespaceSelector=1 objectSelector=2 resourceRules=3
    excludeResourceRules=4 matchPolicy=7
api.admissionregistration.v1.MutatingAdmissionPolicy: metadata=1 spec=2
api.admissionregistration.v1.MutatingAdmissionPolicyBinding: metadata=1 spec=2
api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec: policyName=1 paramRef=2 matchResources=3
api.admissionregistration.v1.MutatingAdmissionPolicySpec: paramKind=1 matchConstraints=2 variables=3 mutations=4
    failurePolicy=5 matchConditions=6 reinvocationPolicy=7
api.admissionregistration.v1.MutatingWebhook: name=1 clientConfig=2 rules=3 failurePolicy=4 matchPolicy=9
    namespaceSelector=5 objectSelector=11 sideEffects=6 timeoutSeconds=7 admissionReviewVersions=8
    reinvocationPolicy=10 matchConditions=12
api.admissionregistration.v1.MutatingWebhookConfiguration: metadata=1 webhooks=2
api.admissionregistration.v1.Mutation: patchType=2 applyConfiguration=3 jsonPatch=4
api.admissionregistration.v1.NamedRuleWithOperations: resourceNames=1 operations=2.1 apiGroups=2.2.1
    apiVersions=2.2.2 resources=2.2.3 scope=2.2.4
api.admissionregistration.v1.ParamKind: apiVersion=1 kind=2
api.admissionregistration.v1.ParamRef: name=1 namespace=2 selector=3 parameterNotFoundAction=4
api.admissionregistration.v1.RuleWithOperations: operations=1 apiGroups=2.1 apiVersions=2.2 resources=2.3 scope=2.4
api.admissionregistration.v1.ServiceReference: namespace=1 name=2 path=3 port=4
api.admissionregistration.v1.TypeChecking: expressionWarnings=1
api.admissionregistration.v1.ValidatingAdmissionPolicy: metadata=1 spec=2 status=3
api.admissionregistration.v1.ValidatingAdmissionPolicyBinding: metadata=1 spec=2
api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec: policyName=1 paramRef=2 matchResources=3
    validationActions=4
api.admissionregistration.v1.ValidatingAdmissionPolicySpec: paramKind=1 matchConstraints=2 validations=3
    failurePolicy=4 auditAnnotations=5 matchConditions=6 variables=7
api.admissionregistration.v1.ValidatingAdmissionPolicyStatus: observedGeneration=1 typeChecking=2 conditions=3
api.admissionregistration.v1.ValidatingWebhook: name=1 clientConfig=2 rules=3 failurePolicy=4 matchPolicy=9
    namespaceSelector=5 objectSelector=10 sideEffects=6 timeoutSeconds=7 admissionReviewVersions=8 matchConditions=11
api.admissionregistration.v1.ValidatingWebhookConfiguration: metadata=1 webhooks=2
api.admissionregistration.v1.Validation: expression=1 message=2 reason=3 messageExpression=4
api.admissionregistration.v1.Variable: name=1 expression=2
api.admissionregistration.v1.WebhookClientConfig: url=3 service=1 caBundle=2
api.apps.v1.DaemonSet: metadata=1 spec=2 status=3
api.apps.v1.DaemonSetCondition: type=1 status=2 lastTransitionTime=3 reason=4 message=5
api.apps.v1.DaemonSetSpec: selector=1 template=2 updateStrategy=3 minReadySeconds=4 revisionHistoryLimit=6
api.apps.v1.DaemonSetStatus: currentNumberScheduled=1 numberMisscheduled=2 desiredNumberScheduled=3 numberReady=4
    observedGeneration=5 updatedNumberScheduled=6 numberAvailable=7 numberUnavailable=8 collisionCount=9 conditions=10
api.apps.v1.DaemonSetUpdateStrategy: type=1 rollingUpdate=2
api.apps.v1.Deployment: metadata=1 spec=2 status=3
api.apps.v1.DeploymentCondition: type=1 status=2 lastUpdateTime=6 lastTransitionTime=7 reason=4 message=5
api.apps.v1.DeploymentSpec: replicas=1 selector=2 template=3 strategy=4 minReadySeconds=5 revisionHistoryLimit=6
    paused=7 progressDeadlineSeconds=9
api.apps.v1.DeploymentStatus: observedGeneration=1 replicas=2 updatedReplicas=3 readyReplicas=7 availableReplicas=4
    unavailableReplicas=5 terminatingReplicas=9 conditions=6 collisionCount=8
api.apps.v1.DeploymentStrategy: type=1 rollingUpdate=2
api.apps.v1.ReplicaSet: metadata=1 spec=2 status=3
api.apps.v1.ReplicaSetCondition: type=1 status=2 lastTransitionTime=3 reason=4 message=5
api.apps.v1.ReplicaSetSpec: replicas=1 minReadySeconds=4 selector=2 template=3
api.apps.v1.ReplicaSetStatus: replicas=1 fullyLabeledReplicas=2 readyReplicas=4 availableReplicas=5
    terminatingReplicas=7 observedGeneration=3 conditions=6
api.apps.v1.RollingUpdateDaemonSet: maxUnavailable=1 maxSurge=2
api.apps.v1.RollingUpdateDeployment: maxUnavailable=1 maxSurge=2
api.authentication.v1.BoundObjectReference: kind=1 apiVersion=2 name=3 uid=4
api.authentication.v1.TokenRequest: metadata=1 spec=2 status=3
api.authentication.v1.TokenRequestSpec: audiences=1 expirationSeconds=4 boundObjectRef=3
api.authentication.v1.TokenRequestStatus: token=1 expirationTimestamp=2
api.authentication.v1.SelfSubjectReview: metadata=1 status=2
api.authentication.v1.SelfSubjectReviewStatus: userInfo=1
api.authentication.v1.TokenReview: metadata=1 spec=2 status=3
api.authentication.v1.TokenReviewSpec: token=1 audiences=2
api.authentication.v1.TokenReviewStatus: authenticated=1 user=2 audiences=4 error=3
api.authentication.v1.UserInfo: username=1 uid=2 groups=3 extra=4
api.authorization.v1.FieldSelectorAttributes: rawSelector=1 requirements=2
api.authorization.v1.LabelSelectorAttributes: rawSelector=1 requirements=2
api.authorization.v1.LocalSubjectAccessReview: metadata=1 spec=2 status=3
api.authorization.v1.NonResourceAttributes: path=1 verb=2
api.authorization.v1.NonResourceRule: verbs=1 nonResourceURLs=2
api.authorization.v1.ResourceAttributes: namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7
    fieldSelector=8 labelSelector=9
api.authorization.v1.ResourceRule: verbs=1 apiGroups=2 resources=3 resourceNames=4
api.authorization.v1.SelfSubjectAccessReview: metadata=1 spec=2 status=3
api.authorization.v1.SelfSubjectAccessReviewSpec: resourceAttributes=1 nonResourceAttributes=2
api.authorization.v1.SelfSubjectRulesReview: metadata=1 spec=2 status=3
api.authorization.v1.SelfSubjectRulesReviewSpec: namespace=1
api.authorization.v1.SubjectAccessReview: metadata=1 spec=2 status=3
api.authorization.v1.SubjectAccessReviewSpec: resourceAttributes=1 nonResourceAttributes=2 user=3 groups=4 extra=5
    uid=6
api.authorization.v1.SubjectAccessReviewStatus: allowed=1 denied=4 reason=2 evaluationError=3
api.authorization.v1.SubjectRulesReviewStatus: resourceRules=1 nonResourceRules=2 incomplete=3 evaluationError=4
api.autoscaling.v1.Scale: metadata=1 spec=2 status=3
api.autoscaling.v1.ScaleSpec: replicas=1
api.autoscaling.v1.ScaleStatus: replicas=1 selector=2
api.batch.v1.CronJob: metadata=1 spec=2 status=3
api.batch.v1.CronJobSpec: schedule=1 timeZone=8 startingDeadlineSeconds=2 concurrencyPolicy=3 suspend=4 jobTemplate=5
    successfulJobsHistoryLimit=6 failedJobsHistoryLimit=7
api.batch.v1.CronJobStatus: active=1 lastScheduleTime=4 lastSuccessfulTime=5
api.batch.v1.Job: metadata=1 spec=2 status=3
api.batch.v1.JobCondition: type=1 status=2 lastProbeTime=3 lastTransitionTime=4 reason=5 message=6
api.batch.v1.JobSpec: parallelism=1 completions=2 activeDeadlineSeconds=3 podFailurePolicy=11 successPolicy=16
    backoffLimit=7 backoffLimitPerIndex=12 maxFailedIndexes=13 selector=4 manualSelector=5 template=6
    ttlSecondsAfterFinished=8 completionMode=9 suspend=10 podReplacementPolicy=14 managedBy=15
api.batch.v1.JobStatus: conditions=1 startTime=2 completionTime=3 active=4 succeeded=5 failed=6 terminating=11
    completedIndexes=7 failedIndexes=10 uncountedTerminatedPods=8 ready=9
api.batch.v1.JobTemplateSpec: metadata=1 spec=2
api.batch.v1.PodFailurePolicy: rules=1
api.batch.v1.PodFailurePolicyOnExitCodesRequirement: containerName=1 operator=2 values=3
api.batch.v1.PodFailurePolicyOnPodConditionsPattern: type=1 status=2
api.batch.v1.PodFailurePolicyRule: action=1 onExitCodes=2 onPodConditions=3
api.batch.v1.SuccessPolicy: rules=1
api.batch.v1.SuccessPolicyRule: succeededIndexes=1 succeededCount=2
api.batch.v1.UncountedTerminatedPods: succeeded=1 failed=2
api.certificates.v1.CertificateSigningRequest: metadata=1 spec=2 status=3
api.certificates.v1.CertificateSigningRequestCondition: type=1 status=6 reason=2 message=3 lastUpdateTime=4
    lastTransitionTime=5
api.certificates.v1.CertificateSigningRequestSpec: request=1 signerName=7 expirationSeconds=8 usages=5 username=2
    uid=3 groups=4 extra=6
api.certificates.v1.CertificateSigningRequestStatus: conditions=1 certificate=2
api.coordination.v1.Lease: metadata=1 spec=2
api.coordination.v1.LeaseSpec: holderIdentity=1 leaseDurationSeconds=2 acquireTime=3 renewTime=4 leaseTransitions=5
    strategy=6 preferredHolder=7
api.discovery.v1.Endpoint: addresses=1 conditions=2 hostname=3 targetRef=4 deprecatedTopology=5 nodeName=6 zone=7
    hints=8
api.discovery.v1.EndpointConditions: ready=1 serving=2 terminating=3
api.discovery.v1.EndpointHints: forZones=1 forNodes=2
api.discovery.v1.EndpointPort: name=1 protocol=2 port=3 appProtocol=4
api.discovery.v1.EndpointSlice: metadata=1 addressType=4 endpoints=2 ports=3
api.discovery.v1.ForNode: name=1
api.discovery.v1.ForZone: name=1
api.events.v1.Event: metadata=1 eventTime=2 series=3 reportingController=4 reportingInstance=5 action=6 reason=7
    regarding=8 related=9 note=10 type=11 deprecatedSource=12 deprecatedFirstTimestamp=13 deprecatedLastTimestamp=14
    deprecatedCount=15
api.events.v1.EventSeries: count=1 lastObservedTime=2
api.flowcontrol.v1.ExemptPriorityLevelConfiguration: nominalConcurrencyShares=1 lendablePercent=2
api.flowcontrol.v1.FlowDistinguisherMethod: type=1
api.flowcontrol.v1.FlowSchema: metadata=1 spec=2 status=3
api.flowcontrol.v1.FlowSchemaCondition: type=1 status=2 lastTransitionTime=3 reason=4 message=5
api.flowcontrol.v1.FlowSchemaSpec: priorityLevelConfiguration=1 matchingPrecedence=2 distinguisherMethod=3 rules=4
api.flowcontrol.v1.FlowSchemaStatus: conditions=1
api.flowcontrol.v1.GroupSubject: name=1
api.flowcontrol.v1.LimitResponse: type=1 queuing=2
api.flowcontrol.v1.LimitedPriorityLevelConfiguration: nominalConcurrencyShares=1 limitResponse=2 lendablePercent=3
    borrowingLimitPercent=4
api.flowcontrol.v1.NonResourcePolicyRule: verbs=1 nonResourceURLs=6
api.flowcontrol.v1.PolicyRulesWithSubjects: subjects=1 resourceRules=2 nonResourceRules=3
api.flowcontrol.v1.PriorityLevelConfiguration: metadata=1 spec=2 status=3
api.flowcontrol.v1.PriorityLevelConfigurationCondition: type=1 status=2 lastTransitionTime=3 reason=4 message=5
api.flowcontrol.v1.PriorityLevelConfigurationReference: name=1
api.flowcontrol.v1.PriorityLevelConfigurationSpec: type=1 limited=2 exempt=3
api.flowcontrol.v1.PriorityLevelConfigurationStatus: conditions=1
api.flowcontrol.v1.QueuingConfiguration: queues=1 handSize=2 queueLengthLimit=3
api.flowcontrol.v1.ResourcePolicyRule: verbs=1 apiGroups=2 resources=3 clusterScope=4 namespaces=5
api.flowcontrol.v1.ServiceAccountSubject: namespace=1 name=2
api.flowcontrol.v1.Subject: kind=1 user=2 group=3 serviceAccount=4
api.flowcontrol.v1.UserSubject: name=1
api.networking.v1.HTTPIngressPath: path=1 pathType=3 backend=2
api.networking.v1.HTTPIngressRuleValue: paths=1
api.networking.v1.IPAddress: metadata=1 spec=2
api.networking.v1.IPAddressSpec: parentRef=1
api.networking.v1.IPBlock: cidr=1 except=2
api.networking.v1.Ingress: metadata=1 spec=2 status=3
api.networking.v1.IngressBackend: service=4 resource=3
api.networking.v1.IngressClass: metadata=1 spec=2
api.networking.v1.IngressClassParametersReference: apiGroup=1 kind=2 name=3 scope=4 namespace=5
api.networking.v1.IngressClassSpec: controller=1 parameters=2
api.networking.v1.IngressLoadBalancerIngress: ip=1 hostname=2 ports=4
api.networking.v1.IngressLoadBalancerStatus: ingress=1
api.networking.v1.IngressPortStatus: port=1 protocol=2 error=3
api.networking.v1.IngressRule: host=1 http=2.1
api.networking.v1.IngressServiceBackend: name=1 port=2
api.networking.v1.IngressSpec: ingressClassName=4 defaultBackend=1 tls=2 rules=3
api.networking.v1.IngressStatus: loadBalancer=1
api.networking.v1.IngressTLS: hosts=1 secretName=2
api.networking.v1.NetworkPolicy: metadata=1 spec=2
api.networking.v1.NetworkPolicyEgressRule: ports=1 to=2
api.networking.v1.NetworkPolicyIngressRule: ports=1 from=2
api.networking.v1.NetworkPolicyPeer: podSelector=1 namespaceSelector=2 ipBlock=3
api.networking.v1.NetworkPolicyPort: protocol=1 port=2 endPort=3
api.networking.v1.NetworkPolicySpec: podSelector=1 ingress=2 egress=3 policyTypes=4
api.networking.v1.ParentReference: group=1 resource=2 namespace=3 name=4
api.networking.v1.ServiceBackendPort: name=1 number=2
api.networking.v1.ServiceCIDR: metadata=1 spec=2 status=3
api.networking.v1.ServiceCIDRSpec: cidrs=1
api.networking.v1.ServiceCIDRStatus: conditions=1
api.node.v1.Overhead: podFixed=1
api.node.v1.RuntimeClass: metadata=1 handler=2 overhead=3 scheduling=4
api.node.v1.Scheduling: nodeSelector=1 tolerations=2
api.policy.v1.Eviction: metadata=1 deleteOptions=2
api.policy.v1.PodDisruptionBudget: metadata=1 spec=2 status=3
api.policy.v1.PodDisruptionBudgetSpec: minAvailable=1 selector=2 maxUnavailable=3 unhealthyPodEvictionPolicy=4
api.policy.v1.PodDisruptionBudgetStatus: observedGeneration=1 disruptedPods=2 disruptionsAllowed=3 currentHealthy=4
    desiredHealthy=5 expectedPods=6 conditions=7
api.rbac.v1.AggregationRule: clusterRoleSelectors=1
api.rbac.v1.ClusterRole: metadata=1 rules=2 aggregationRule=3
api.rbac.v1.ClusterRoleBinding: metadata=1 subjects=2 roleRef=3
api.rbac.v1.PolicyRule: verbs=1 apiGroups=2 resources=3 resourceNames=4 nonResourceURLs=5
api.rbac.v1.Role: metadata=1 rules=2
api.rbac.v1.RoleBinding: metadata=1 subjects=2 roleRef=3
api.rbac.v1.RoleRef: apiGroup=1 kind=2 name=3
api.rbac.v1.Subject: kind=1 apiGroup=2 name=3 namespace=4
api.resource.v1.AllocatedDeviceStatus: driver=1 pool=2 device=3 shareID=7 conditions=4 data=5 networkData=6
api.resource.v1.AllocationResult: devices=1 nodeSelector=3 allocationTimestamp=5
api.resource.v1.CELDeviceSelector: expression=1
api.resource.v1.CapacityRequestPolicy: default=1 validValues=3 validRange=4
api.resource.v1.CapacityRequestPolicyRange: min=1 max=2 step=3
api.resource.v1.CapacityRequirements: requests=1
api.resource.v1.Counter: value=1
api.resource.v1.CounterSet: name=1 counters=2
api.resource.v1.Device: name=1 attributes=2 capacity=3 consumesCounters=4 nodeName=5 nodeSelector=6 allNodes=7
    taints=8 bindsToNode=9 bindingConditions=10 bindingFailureConditions=11 allowMultipleAllocations=12
    nodeAllocatableResourceMappings=13
api.resource.v1.DeviceAllocationConfiguration: source=1 requests=2 opaque=3.1
api.resource.v1.DeviceAllocationResult: results=1 config=2
api.resource.v1.DeviceAttribute: int=2 bool=3 string=4 version=5 ints=6 bools=7 strings=8 versions=9
api.resource.v1.DeviceCapacity: value=1 requestPolicy=2
api.resource.v1.DeviceClaim: requests=1 constraints=2 config=3
api.resource.v1.DeviceClaimConfiguration: requests=1 opaque=2.1
api.resource.v1.DeviceClass: metadata=1 spec=2
api.resource.v1.DeviceClassConfiguration: opaque=1.1
api.resource.v1.DeviceClassSpec: selectors=1 config=2 extendedResourceName=4
api.resource.v1.DeviceConstraint: requests=1 matchAttribute=2 distinctAttribute=3
api.resource.v1.DeviceCounterConsumption: counterSet=1 counters=2
api.resource.v1.DeviceRequest: name=1 exactly=2 firstAvailable=3
api.resource.v1.DeviceRequestAllocationResult: request=1 driver=2 pool=3 device=4 adminAccess=5 tolerations=6
    bindingConditions=7 bindingFailureConditions=8 shareID=9 consumedCapacity=10
api.resource.v1.DeviceSelector: cel=1
api.resource.v1.DeviceSubRequest: name=1 deviceClassName=2 selectors=3 allocationMode=4 count=5 tolerations=6
    capacity=7
api.resource.v1.DeviceTaint: key=1 value=2 effect=3 timeAdded=4
api.resource.v1.DeviceToleration: key=1 operator=2 value=3 effect=4 tolerationSeconds=5
api.resource.v1.ExactDeviceRequest: deviceClassName=1 selectors=2 allocationMode=3 count=4 adminAccess=5
    tolerations=6 capacity=7
api.resource.v1.NetworkDeviceData: interfaceName=1 ips=2 hardwareAddress=3
api.resource.v1.NodeAllocatableResourceMapping: capacityKey=1 allocationMultiplier=2
api.resource.v1.OpaqueDeviceConfiguration: driver=1 parameters=2
api.resource.v1.ResourceClaim: metadata=1 spec=2 status=3
api.resource.v1.ResourceClaimConsumerReference: apiGroup=1 resource=3 name=4 uid=5
api.resource.v1.ResourceClaimSpec: devices=1
api.resource.v1.ResourceClaimStatus: allocation=1 reservedFor=2 devices=4
api.resource.v1.ResourceClaimTemplate: metadata=1 spec=2
api.resource.v1.ResourceClaimTemplateSpec: metadata=1 spec=2
api.resource.v1.ResourcePool: name=1 generation=2 resourceSliceCount=3
api.resource.v1.ResourceSlice: metadata=1 spec=2
api.resource.v1.ResourceSliceSpec: driver=1 pool=2 nodeName=3 nodeSelector=4 allNodes=5 devices=6
    perDeviceNodeSelection=7 sharedCounters=8
api.scheduling.v1.PriorityClass: metadata=1 value=2 globalDefault=3 description=4 preemptionPolicy=5
api.storage.v1.CSIDriver: metadata=1 spec=2
api.storage.v1.CSIDriverSpec: attachRequired=1 podInfoOnMount=2 volumeLifecycleModes=3 storageCapacity=4
    fsGroupPolicy=5 tokenRequests=6 requiresRepublish=7 seLinuxMount=8 nodeAllocatableUpdatePeriodSeconds=9
    serviceAccountTokenInSecrets=10 preventPodSchedulingIfMissing=11
api.storage.v1.CSINode: metadata=1 spec=2
api.storage.v1.CSINodeDriver: name=1 nodeID=2 topologyKeys=3 allocatable=4
api.storage.v1.CSINodeSpec: drivers=1
api.storage.v1.CSIStorageCapacity: metadata=1 nodeTopology=2 storageClassName=3 capacity=4 maximumVolumeSize=5
api.storage.v1.StorageClass: metadata=1 provisioner=2 parameters=3 reclaimPolicy=4 mountOptions=5
    allowVolumeExpansion=6 volumeBindingMode=7 allowedTopologies=8
api.storage.v1.TokenRequest: audience=1 expirationSeconds=2
api.storage.v1.VolumeAttachment: metadata=1 spec=2 status=3
api.storage.v1.VolumeAttachmentSource: persistentVolumeName=1 inlineVolumeSpec=2
api.storage.v1.VolumeAttachmentSpec: attacher=1 source=2 nodeName=3
api.storage.v1.VolumeAttachmentStatus: attached=1 attachmentMetadata=2 attachError=3 detachError=4
api.storage.v1.VolumeAttributesClass: metadata=1 driverName=2 parameters=3
api.storage.v1.VolumeError: time=1 message=2 errorCode=3
api.storage.v1.VolumeNodeResources: count=1
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition: name=1 type=2 format=3 description=4
    priority=5 jsonPath=6
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion: strategy=1 webhook=2
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition: metadata=1 spec=2 status=3
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition: type=1 status=2
    lastTransitionTime=3 reason=4 message=5 observedGeneration=6
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames: plural=1 singular=2 shortNames=3 kind=4
    listKind=5 categories=6
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec: group=1 names=3 scope=4 versions=7
    conversion=9 preserveUnknownFields=10
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus: conditions=1 acceptedNames=2
    storedVersions=3 observedGeneration=4
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion: name=1 served=2 storage=3
    deprecated=7 deprecationWarning=8 schema=4 subresources=5 additionalPrinterColumns=6 selectableFields=9
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale: specReplicasPath=1
    statusReplicasPath=2 labelSelectorPath=3
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus:
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources: status=1 scale=2
apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation: openAPIV3Schema=1
apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation: description=1 url=2
apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps: id=1 $schema=2 $ref=3 description=4 type=5 format=6
    title=7 default=8 maximum=9 exclusiveMaximum=10 minimum=11 exclusiveMinimum=12 maxLength=13 minLength=14 pattern=15
    maxItems=16 minItems=17 uniqueItems=18 multipleOf=19 enum=20 maxProperties=21 minProperties=22 required=23 items=24
    allOf=25 oneOf=26 anyOf=27 not=28 properties=29 additionalProperties=30 patternProperties=31 dependencies=32
    additionalItems=33 definitions=34 externalDocs=35 example=36 nullable=37 x-kubernetes-preserve-unknown-fields=38
    x-kubernetes-embedded-resource=39 x-kubernetes-int-or-string=40 x-kubernetes-list-map-keys=41
    x-kubernetes-list-type=42 x-kubernetes-map-type=43 x-kubernetes-validations=44
apiextensions-apiserver.pkg.apis.apiextensions.v1.SelectableField: jsonPath=1
apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference: namespace=1 name=2 path=3 port=4
apiextensions-apiserver.pkg.apis.apiextensions.v1.ValidationRule: rule=1 message=2 messageExpression=3 reason=4
    fieldPath=5 optionalOldSelf=6
apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig: url=3 service=1 caBundle=2
apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion: clientConfig=2 conversionReviewVersions=3
apimachinery.pkg.apis.meta.v1.APIGroup: name=1 versions=2 preferredVersion=3 serverAddressByClientCIDRs=4
apimachinery.pkg.apis.meta.v1.APIGroupList: groups=1
apimachinery.pkg.apis.meta.v1.APIResource: name=1 namespaced=2 kind=3 verbs=4.1 shortNames=5 singularName=6
    categories=7 group=8 version=9 storageVersionHash=10
apimachinery.pkg.apis.meta.v1.APIResourceList: groupVersion=1 resources=2
apimachinery.pkg.apis.meta.v1.APIVersions: versions=1 serverAddressByClientCIDRs=2
apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery: groupVersion=1 version=2
apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR: clientCIDR=1 serverAddress=2
apimachinery.pkg.apis.meta.v1.Condition: type=1 status=2 observedGeneration=3 lastTransitionTime=4 reason=5
    message=6
apimachinery.pkg.apis.meta.v1.DeleteOptions: gracePeriodSeconds=1 preconditions=2 orphanDependents=3
    propagationPolicy=4 dryRun=5 ignoreStoreReadErrorWithClusterBreakingPotential=6
apimachinery.pkg.apis.meta.v1.FieldSelectorRequirement: key=1 operator=2 values=3
apimachinery.pkg.apis.meta.v1.LabelSelector: matchLabels=1 matchExpressions=2
apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement: key=1 operator=2 values=3
apimachinery.pkg.apis.meta.v1.ListMeta: selfLink=1 resourceVersion=2 continue=3 remainingItemCount=4 shardInfo=5
apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry: manager=1 operation=2 apiVersion=3 time=4 fieldsType=6 fieldsV1=7
    subresource=8
apimachinery.pkg.apis.meta.v1.ObjectMeta: name=1 generateName=2 namespace=3 selfLink=4 uid=5 resourceVersion=6
    generation=7 creationTimestamp=8 deletionTimestamp=9 deletionGracePeriodSeconds=10 labels=11 annotations=12
    ownerReferences=13 finalizers=14 managedFields=17
apimachinery.pkg.apis.meta.v1.OwnerReference: apiVersion=5 kind=1 name=3 uid=4 controller=6 blockOwnerDeletion=7
apimachinery.pkg.apis.meta.v1.Preconditions: uid=1 resourceVersion=2
apimachinery.pkg.apis.meta.v1.ShardInfo: selector=1
apimachinery.pkg.apis.meta.v1.Status: metadata=1 status=2 message=3 reason=4 details=5 code=6
apimachinery.pkg.apis.meta.v1.StatusCause: reason=1 message=2 field=3
apimachinery.pkg.apis.meta.v1.StatusDetails: name=1 group=2 kind=3 uid=6 causes=4 retryAfterSeconds=5
api.autoscaling.v1.CrossVersionObjectReference: kind=1 name=2 apiVersion=3
api.autoscaling.v1.HorizontalPodAutoscaler: metadata=1 spec=2 status=3
api.autoscaling.v1.HorizontalPodAutoscalerSpec: scaleTargetRef=1 minReplicas=2 maxReplicas=3
    targetCPUUtilizationPercentage=4
api.autoscaling.v1.HorizontalPodAutoscalerStatus: observedGeneration=1 lastScaleTime=2 currentReplicas=3
    desiredReplicas=4 currentCPUUtilizationPercentage=5
api.autoscaling.v2.CrossVersionObjectReference: kind=1 name=2 apiVersion=3
api.autoscaling.v2.MetricIdentifier: name=1 selector=2
api.autoscaling.v2.MetricTarget: type=1 value=2 averageValue=3 averageUtilization=4
api.autoscaling.v2.MetricValueStatus: value=1 averageValue=2 averageUtilization=3
api.autoscaling.v2.ObjectMetricSource: describedObject=1 target=2 metric=3
api.autoscaling.v2.PodsMetricSource: metric=1 target=2
api.autoscaling.v2.ResourceMetricSource: name=1 target=2
api.autoscaling.v2.ContainerResourceMetricSource: name=1 target=2 container=3
api.autoscaling.v2.ExternalMetricSource: metric=1 target=2
api.autoscaling.v2.MetricSpec: type=1 object=2 pods=3 resource=4 containerResource=7 external=5
api.autoscaling.v2.ObjectMetricStatus: metric=1 current=2 describedObject=3
api.autoscaling.v2.PodsMetricStatus: metric=1 current=2
api.autoscaling.v2.ResourceMetricStatus: name=1 current=2
api.autoscaling.v2.ContainerResourceMetricStatus: name=1 current=2 container=3
api.autoscaling.v2.ExternalMetricStatus: metric=1 current=2
api.autoscaling.v2.MetricStatus: type=1 object=2 pods=3 resource=4 containerResource=7 external=5
api.autoscaling.v2.HPAScalingPolicy: type=1 value=2 periodSeconds=3
api.autoscaling.v2.HPAScalingRules: stabilizationWindowSeconds=3 selectPolicy=1 policies=2 tolerance=4
api.autoscaling.v2.HorizontalPodAutoscalerBehavior: scaleUp=1 scaleDown=2
api.autoscaling.v2.HorizontalPodAutoscalerSpec: scaleTargetRef=1 minReplicas=2 maxReplicas=3 metrics=4 behavior=5
api.autoscaling.v2.HorizontalPodAutoscalerCondition: type=1 status=2 lastTransitionTime=3 reason=4 message=5
    observedGeneration=6
api.autoscaling.v2.HorizontalPodAutoscalerStatus: observedGeneration=1 lastScaleTime=2 currentReplicas=3
    desiredReplicas=4 currentMetrics=5 conditions=6
api.autoscaling.v2.HorizontalPodAutoscaler: metadata=1 spec=2 status=3
api.apps.v1.StatefulSet: metadata=1 spec=2 status=3
api.apps.v1.StatefulSetCondition: type=1 status=2 lastTransitionTime=3 reason=4 message=5
api.apps.v1.StatefulSetOrdinals: start=1
api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted=1 whenScaled=2
api.apps.v1.StatefulSetSpec: replicas=1 selector=2 template=3 volumeClaimTemplates=4 serviceName=5
    podManagementPolicy=6 updateStrategy=7 revisionHistoryLimit=8 minReadySeconds=9
    persistentVolumeClaimRetentionPolicy=10 ordinals=11
api.apps.v1.StatefulSetStatus: observedGeneration=1 replicas=2 readyReplicas=3 currentReplicas=4 updatedReplicas=5
    currentRevision=6 updateRevision=7 collisionCount=9 conditions=10 availableReplicas=11
api.apps.v1.StatefulSetUpdateStrategy: type=1 rollingUpdate=2
api.apps.v1.RollingUpdateStatefulSetStrategy: partition=1 maxUnavailable=2
api.apps.v1.ControllerRevision: metadata=1 data=2 revision=3
kube-aggregator.pkg.apis.apiregistration.v1.APIService: metadata=1 spec=2 status=3
kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition: type=1 status=2 lastTransitionTime=3 reason=4 message=5
kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec: service=1 group=2 version=3 insecureSkipTLSVerify=4
    caBundle=5 groupPriorityMinimum=7 versionPriority=8
kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus: conditions=1
kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference: namespace=1 name=2 port=3
v1.JSONSchemaPropsOrArray: object=1 other=2
v1.JSONSchemaPropsOrBool: object=2 other=1
v1.JSONSchemaPropsOrStringArray: object=1 other=2
"""

NUMBERS: Final = CORE + _GROUPS
