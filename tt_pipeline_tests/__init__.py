"""Tests: a folder per room, `journeys/` for whole ways through the product."""
