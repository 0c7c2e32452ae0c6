"""The kinds that ask what somebody may do."""
