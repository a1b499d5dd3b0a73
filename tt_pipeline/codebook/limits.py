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

MOST_REPEATED_PAGES: Final = 3
"""Pages in a row whose records had all come before: the server goes in a circle, and nothing further is requested."""

LARGEST_PAGE_STEP: Final = 1_000
"""Places by which the cursor of one page may rise and be believed; pages cover 100."""

LONGEST_SEARCH_ID: Final = 256
"""Characters of a search_id that is sent back; real ones have 19."""

LONGEST_LOG_ID: Final = 128
"""Characters of a log_id that are kept; real ones have about 40."""

LONGEST_TOKEN_SECONDS: Final = 24 * 3_600
"""The longest lifetime of a token that is believed; real ones live two hours."""

MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one answer, as sent and decompressed; the largest known page of 100 videos has about 1 MB."""

ANSWER_SECONDS: Final = 360
"""Seconds from sending a request to the last byte of its answer; gateways have taken four minutes to time out."""

UNKNOWN_REFUSAL_DAYS: Final = 30
"""Days after which a video or account that was refused for an unknown reason is requested again."""

MOST_RETRIES_OF_AN_UNSTATED_END: Final = 3
"""Later tries, after 1, 2 and 4 days, of what the API answered without saying whether anything follows."""
