"""Tests of coverage: what do we have, and what is due?"""
