"""A server that answers in every way but the documented one, and what must become of each answer."""
