"""The kinds of the apps group: what keeps pods running."""
