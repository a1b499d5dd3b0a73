"""Tests of landing: which answers are on disk?"""
