"""The kinds of the flowcontrol.apiserver.k8s.io group."""
