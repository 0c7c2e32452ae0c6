"""The kinds of role-based access control: who may do what."""
