"""The Pod Security Standards: what pods of a namespace may ask for, as pure functions of their specs."""
