"""Where does a row come from, and where is it stored? Traces, the registry of exports, the mail to TikTok's support.

Here belongs reading alone: nothing is requested from the API, and only the registry is written.
"""
