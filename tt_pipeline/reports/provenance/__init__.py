"""Where does a row come from, and where is it stored? Traces, the registry of exports, the mail to TikTok's support.

This package only reads, except that it writes the registry; it sends no request.
"""
