"""Tests of ingestion: how are answers collected, stored, loaded and published?"""
