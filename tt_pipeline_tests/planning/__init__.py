"""Tests of planning: what will a study cost?"""
