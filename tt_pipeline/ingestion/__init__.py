"""Go and get it: collect searches, comments, profiles and lists from the API, then load and publish them.

Here belong the collection session, the one collector loop, what each kind of collection requests, and the delivery to
analysts. What is due is decided in `coverage/`; when a collection runs is decided in `orchestration/`.
"""
