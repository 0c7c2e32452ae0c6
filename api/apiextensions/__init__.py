"""Kinds that clients define, as kinds of their own."""
