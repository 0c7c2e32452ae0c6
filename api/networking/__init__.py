"""The kinds of the networking group: how traffic comes in and who may speak with whom."""
