"""The Research API as data: endpoints, fields, limits, each described once; every other place derives from here.

Here belong rows and nothing that acts. The words of which the rows are made are `vocabulary.py`.
"""
