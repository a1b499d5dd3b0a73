"""What is due, and do it."""
