"""Policies: what clients demand of writes and change in them, as expressions."""
