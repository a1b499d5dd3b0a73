"""What do we see: questions, exports."""
