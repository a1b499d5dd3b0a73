"""Tests of alerts: what needs a person, and who was told?"""
