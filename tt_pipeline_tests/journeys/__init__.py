"""Whole ways through the product, on the simulator."""
