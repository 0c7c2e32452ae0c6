"""Patches: JSON patch, merge patch and strategic merge patch, each a pure function of JSON values."""
