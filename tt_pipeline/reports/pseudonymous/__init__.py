"""Make exports in which accounts have pseudonyms: the key, what happens to each column, masked texts, and the proof.

The privacy class of a column in the catalog decides; `treatments.py` has one row for each class.
"""
