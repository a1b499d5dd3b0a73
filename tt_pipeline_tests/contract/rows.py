"""What is known of the API and of how it misbehaves, as names: each is shown by a test, or concerns no code.

The sources are TikTok's documentation (2023 to 2026), the code and the issue threads of eight public clients, and
published audits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tt_pipeline_tests.contract.lab import Lab

ERRORS: Final = (
    "ok",
    "access_token_invalid",
    "scope_not_authorized",
    "scope_permission_missed",
    "invalid_params: search id is invalid or expired",
    "invalid_params: invalid count or cursor",
    "invalid_params: user not found, refused, private, not public",
    "invalid_params: anything else",
    "rate_limit_exceeded",
    "daily_quota_limit_exceeded",
    "internal_error",
    "timeout",
    "invalid_param, invalid_request",
    "invalid_file_upload",
    "HTML 504, 502, 503",
    "invalid_token",
    "the three messages of a 500",
    "unknown code",
    "429 with an unreadable body",
)
"""The table of errors, and the rules below it."""

QUIRKS: Final = (
    "short and empty pages with has_more",
    "search_id refused right after issue",
    "invalid count or cursor for the cursor just given",
    "search_id changes between pages",
    "only the first page can be had",
    "random 500s, then only 500s for hours",
    "500 for certain days, quota still spent",
    "big windows raise 500s",
    "504 as HTML after four minutes",
    "the last two days are missing without warning",
    "a search suddenly finds nothing",
    "followers stop at some thousands",
    "liked videos unobtainable for nearly all",
    "username filter returns others",
    "500 with a good answer about playlists and users",
    "null bytes in usernames",
    "counts beyond 32 bit",
    "cursor null in comments",
    "favourites field not working on lists of an account",
    "token requests fail now and then",
    "id or video_id in video objects",
    "view_count -1, rows twice across pages",
)
"""What clients have met."""

CONTRADICTIONS: Final = {
    1: "condition for the video id",
    2: "video_description as a condition",
    3: "view_count and comment_count as conditions",
    4: "key of the video id in answers",
    5: "type of ids",
    6: "type of music_id and playlist_id",
    7: "effect_ids",
    8: "default max_count of videos",
    9: "default max_count of comments",
    10: "meaning of region_code",
    11: "Canada",
    12: "fields on followers and following",
    13: "list key of following",
    14: "shape of liked, pinned, reposted",
    15: "list key of reposted",
    16: "unit of the liked cursor",
    17: "cursor of reposted",
    18: "favorites or favourites",
    19: "key of an effect's photo",
    20: "keys and meaning of video_tag",
    21: "cap of 1,000 comments",
    22: "author of a comment",
    23: "comments of a video or of a comment",
    24: "username in user info",
    25: "username required in user info",
    26: "end_date inclusive",
    27: "30 days",
    28: "EQ on a hashtag",
    29: "GT on a hashtag",
    30: "what IN matches",
    31: "what NOT leaves out",
    32: "one bucket or two",
    33: "quota across APIs or for each",
    34: "who may apply",
    35: "which errors are documented",
    36: "invalid_params or invalid_param",
    37: "error.http_status_code",
    38: "age of search results",
    39: "freshness of follower_count",
    40: "fields of shop endpoints",
    41: "categories of compliance",
    42: "days until stored data is checked again",
    43: "default number of pages of an R client",
    44: "number of endpoints",
    45: "order of videos",
    46: "video_length",
    47: "samples that are no JSON",
    48: "whether the start of a window is inclusive",
}
"""Where sources disagree."""

Case = Callable[[Lab], None]


@dataclass(frozen=True)
class Covered:
    """Cases by the row (a name or a number) that they show; a row may have several."""

    rows: frozenset[Any]
    cases: list[tuple[Any, Case]] = field(default_factory=list)

    def __call__(self, row: Any) -> Callable[[Case], Case]:
        """Mark a function as showing a row."""
        if row not in self.rows:
            raise KeyError(row)

        def mark(case: Case) -> Case:
            self.cases.append((row, case))
            return case

        return mark

    @property
    def params(self) -> list[Any]:
        """The cases for a parametrized test, each named for its row."""
        return [pytest.param(case, id=f"{row}: {case.__name__}") for row, case in self.cases]

    @property
    def shown(self) -> frozenset[Any]:
        """Rows that have a case."""
        return frozenset(row for row, _ in self.cases)
