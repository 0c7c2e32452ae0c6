"""What resource quotas count, and how objects are charged to them."""
