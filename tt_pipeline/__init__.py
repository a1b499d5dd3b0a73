"""Collect TikTok's Research API into a DuckDB warehouse, every day, without wasting a request or losing a row.

The house has nine rooms, each with one question; docs/house.md draws them.
"""
