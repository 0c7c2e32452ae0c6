"""The kinds that say which API groups are served, and by whom."""
