"""What do we have, and what is due?

Here belong the statuses of days, comments, profiles and lists, and the rules by which something is due: pure functions
over what has landed. Nothing is sent or written. What a plan costs is `planning/`; carrying it out is `ingestion/`.
"""
