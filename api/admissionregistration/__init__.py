"""The kinds that extend admission: webhooks and policies."""
