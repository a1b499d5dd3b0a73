"""Tests of commands, options and printed messages."""
