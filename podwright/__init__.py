"""Podwright: a declarative control plane and container engine, Kubernetes API compatible."""
