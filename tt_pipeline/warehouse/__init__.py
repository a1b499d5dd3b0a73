"""What does it mean? Landed pages become typed tables, tables become answers, answers become a published file.

Landing is known by paths alone; nothing here sends a request, and nothing here decides when.
"""
