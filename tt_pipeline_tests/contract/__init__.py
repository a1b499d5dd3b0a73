"""The contract: the real client against the real simulator over loopback HTTP, row by row of what is known of the API.

Both were built from the documentation alone, so that neither inherits the other's mistakes; here they meet.
"""
