"""Tests of duties: what must be deleted, and how is it proved?"""
