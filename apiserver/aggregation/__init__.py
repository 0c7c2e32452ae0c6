"""Versions of groups that other API servers serve: requests passed on to them, and what they add to our documents."""
