"""The rules of CustomResourceDefinitions."""
