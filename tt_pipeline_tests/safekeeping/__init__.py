"""Tests of tt_pipeline.safekeeping."""
