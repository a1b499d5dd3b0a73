"""What is due, and do it: searches, comments and creators from the API into the landing zone and on to analysts.

Here belong decisions (what is missing, in which windows, in which order) and the short functions that carry them out.
When it happens is `orchestration/`; how a request is made, counted and kept lies in the rooms below.
"""
