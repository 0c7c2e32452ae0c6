"""The rules of the kinds that sort and limit requests to the API."""
