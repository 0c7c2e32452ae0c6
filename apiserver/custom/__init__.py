"""Kinds that clients define: what becomes of their definitions, and how their objects are served."""
