"""Limits of the Research API, each described once.

Source: https://developers.tiktok.com/doc/research-api-faq/ and the page of each endpoint (2026)
"""

from typing import Final

PAGE_SIZE: Final = 100
"""Records that one request may ask for at most; it costs as much as a request for one record."""

WINDOW_DAYS: Final = 30
"""Days of one video query, both ends included: one less than the API's own limit, because clients disagree on it."""

LONGEST_LIST: Final = 100
"""Values of one IN condition. No limit is documented, but no client is known to have sent more."""

MOST_COMMENTS: Final = 1_000
"""Comments of one video that the API returns; a request beyond them is refused."""

MOST_IDS_PER_TASK: Final = 10_000
"""Ids of one compliance task."""

MOST_FOLLOWERS: Final = 5_000
"""Followers of one account, and accounts that it follows, that the API returns: the latest, about so many."""

REQUESTS_PER_SECOND: Final = 10
"""Requests of a second that we assume the server to allow: TikTok documents 600 a minute, for other endpoints."""

USUAL_REQUESTS_PER_SECOND: Final = REQUESTS_PER_SECOND / 2
"""Requests of a second that we send unless a study or a caller says otherwise."""

MOST_EMPTY_PAGES: Final = 20
"""Pages without records, with more to come, after which a list counts as ended."""
