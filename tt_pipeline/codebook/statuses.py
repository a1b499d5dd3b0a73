"""What each status means, in words for comments, the data dictionary and reports.

The statuses are the house's words (`vocabulary`); which one holds when is decided in `coverage/search_days.py`.
"""

from collections.abc import Mapping

from tt_pipeline.vocabulary import AccountStatus, CommentStatus, SearchStatus

SEARCH_STATUSES: Mapping[str, str] = {
    SearchStatus.COMPLETE: "asked at its age, and the API said that nothing follows; of a sample, all draws made",
    SearchStatus.EARLY: "answered to the end, but before its age: later videos are missing",
    SearchStatus.OUTDATED: "answered for an older version of the query",
    SearchStatus.PARTIAL: "begun, and the rest could not be had or read, or was damaged on disk",
    SearchStatus.CAPPED: "the first videos of the day; the study wants no more",
    SearchStatus.SUSPICIOUS: "nothing was found, and something contradicts it; it is asked again",
    SearchStatus.PAUSED: "begun, and goes on when there is quota",
    SearchStatus.UNAVAILABLE: "the server fails on it again and again",
    SearchStatus.NOT_DUE: "its age has not come",
    SearchStatus.NEVER_ASKED: "its age has come and nobody asked",
    SearchStatus.OUTSIDE: "outside the days of the search",
}
"""ops.search_coverage.status."""

COMMENT_STATUSES: Mapping[str, str] = {
    CommentStatus.NO_COMMENTS: "the video had none when seen",
    CommentStatus.COMPLETE: "the API said that nothing follows",
    CommentStatus.CAPPED_AT_1000: "the first thousand; the API reaches no further",
    CommentStatus.CAPPED: "as many as the study wants of a video",
    CommentStatus.BELOW_MINIMUM: "fewer than the study wants",
    CommentStatus.NOT_SAMPLED: "not drawn by the study's random sample",
    CommentStatus.CLOSED: "the API may not disclose them: their owner has closed them",
    CommentStatus.REFUSED: "the API does not give them: the video or its account is gone or private",
    CommentStatus.FAILED: "begun, and the rest could not be had or read",
    CommentStatus.PAUSED: "begun, and goes on when there is quota; or some of it was damaged on disk",
    CommentStatus.NOT_DUE: "its age has not come",
    CommentStatus.NOT_WANTED: "the study collects no comments",
    CommentStatus.NEVER_ASKED: "its age has come and nobody asked; or all of it was damaged on disk",
}
"""ops.comment_coverage.status."""

ACCOUNT_STATUSES: Mapping[str, str] = {
    AccountStatus.COMPLETE: "the API gave all that it reaches: of followers and following the latest 4,000 to 5,000",
    AccountStatus.CAPPED: "the first entries of the list; the study wants no more",
    AccountStatus.NOT_FOUND: "the API finds no such account",
    AccountStatus.PRIVATE: "the account is private",
    AccountStatus.REFUSED: "the API does not give it, as of minors and of Canada",
    AccountStatus.FAILED: "the server failed on it (it is asked again later), or the rest could not be had or read",
    AccountStatus.PAUSED: "begun, and goes on when there is quota; or some of it was damaged on disk",
    AccountStatus.NONE_KNOWN: "no video that a search found names a playlist of the account",
    AccountStatus.NEVER_ASKED: "nobody asked; or all of it was damaged on disk",
}
"""ops.account_coverage.status."""


def listed(statuses: Mapping[str, str]) -> str:
    """A closed set as one line of text."""
    return "; ".join(f"{status} ({meaning})" for status, meaning in statuses.items())
