"""What the API looks like, for clients: OpenAPI documents made from the resource table."""
