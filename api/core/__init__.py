"""The kinds of the core group: pods, nodes, services, configuration."""
