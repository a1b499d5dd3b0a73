"""Export tables, query results and coding sheets to files that other programs read without damage.

This package reads only the published file. The command line chooses the folder and prints the result.
"""
