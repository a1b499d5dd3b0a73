"""Tests of quota: may one more request be sent?"""
