"""Tests of `tt browse`: what its pages show, and what they refuse."""
