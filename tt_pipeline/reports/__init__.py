"""What do we see? Questions to the published warehouse, answered as frames.

Here belongs reading what analysts read. How people look at it is the command line's business; nothing here writes.
"""
