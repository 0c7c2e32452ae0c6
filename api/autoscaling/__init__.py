"""The kinds of the autoscaling group."""
