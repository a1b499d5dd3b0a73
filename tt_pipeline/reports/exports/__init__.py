"""What analysts take with them: tables, answers and coding sheets as files that other programs read without harm.

Here belongs everything that leaves the published file. Where a folder lies and what is printed is the command line's
business; nothing here reads more than the published file.
"""
