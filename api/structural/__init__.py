"""What can be done with the schemas that clients write for their kinds: clean, complete, check. Pure."""
