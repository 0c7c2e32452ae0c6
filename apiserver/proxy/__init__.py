"""HTTP requests passed on to pods, by themselves or through a service."""
