"""Tests of orchestration: when does it happen?"""
