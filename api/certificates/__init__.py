"""The kinds of the certificates group: requests that a signer answers."""
