"""Tests of studies: what does the researcher want?"""
