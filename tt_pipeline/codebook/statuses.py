"""What each status means, one row each: comments in DuckDB, the data dictionary and reports show these texts.

The names of the statuses are in `vocabulary.py`. Which status a day, a video or an account has is decided in
`coverage/`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tt_pipeline.vocabulary import AccountStatus, CommentStatus, SearchStatus

SEARCH_STATUSES: Mapping[str, str] = {
    SearchStatus.COMPLETE: "requested at its age until the API said that nothing follows; of a sample, in all draws",
    SearchStatus.EARLY: "requested to the end, but before its age: later videos are missing",
    SearchStatus.OUTDATED: "collected with an older version of the query",
    SearchStatus.PARTIAL: "begun; the rest was not returned, could not be read, or was damaged on disk",
    SearchStatus.CAPPED: "the first videos of the day, as many as the study allows",
    SearchStatus.SUSPICIOUS: "nothing was found, and something contradicts it; it is requested again",
    SearchStatus.PAUSED: "begun; it continues when there is quota",
    SearchStatus.UNAVAILABLE: "the server fails on it repeatedly",
    SearchStatus.NOT_DUE: "it has not reached its age",
    SearchStatus.NEVER_ASKED: "it has reached its age and was not requested",
    SearchStatus.OUTSIDE: "outside the days of the search",
}
"""ops.search_coverage.status."""

COMMENT_STATUSES: Mapping[str, str] = {
    CommentStatus.NO_COMMENTS: "the video had none when seen",
    CommentStatus.NONE_RETURNED: "the API returned nothing, and TikTok had counted comments before: the video is"
    " probably gone, so how many it had is not known",
    CommentStatus.COMPLETE: "the API said that nothing follows",
    CommentStatus.CAPPED_AT_1000: "the first thousand, the most that the API returns",
    CommentStatus.CAPPED: "as many as the study allows for a video",
    CommentStatus.BELOW_MINIMUM: "fewer than the study requires",
    CommentStatus.NOT_SAMPLED: "not drawn by the study's random sample",
    CommentStatus.CLOSED: "the API may not return them: their owner has closed them",
    CommentStatus.REFUSED: "the API does not return them: the video or its account is gone or private",
    CommentStatus.FAILED: "begun; the rest was not returned or could not be read",
    CommentStatus.PAUSED: "begun; it continues when there is quota, or some of it was damaged on disk",
    CommentStatus.NOT_DUE: "it has not reached its age",
    CommentStatus.NOT_WANTED: "the study collects no comments",
    CommentStatus.NEVER_ASKED: "it has reached its age and was not requested, or all of it was damaged on disk",
}
"""ops.comment_coverage.status."""

ACCOUNT_STATUSES: Mapping[str, str] = {
    AccountStatus.COMPLETE: "the API returned all that it can: of followers and following the latest 4,000 to 5,000",
    AccountStatus.CAPPED: "the first entries of the list, as many as the study allows",
    AccountStatus.NOT_FOUND: "the API finds no such account",
    AccountStatus.PRIVATE: "the account is private",
    AccountStatus.REFUSED: "the API does not return it, for example of minors and of accounts in Canada",
    AccountStatus.FAILED: "the server failed on it, and it is requested again; or the rest is missing or unreadable",
    AccountStatus.PAUSED: "begun; it continues when there is quota, or some of it was damaged on disk",
    AccountStatus.NONE_KNOWN: "no video that a search found names a playlist of the account",
    AccountStatus.NEVER_ASKED: "it was not requested, or all of it was damaged on disk",
}
"""ops.account_coverage.status."""


def listed(statuses: Mapping[str, str]) -> str:
    """A closed set as one line of text."""
    return "; ".join(f"{status} ({meaning})" for status, meaning in statuses.items())


MARKS: Final[Mapping[SearchStatus, str]] = MappingProxyType(
    {
        SearchStatus.COMPLETE: "●",
        SearchStatus.EARLY: "◐",
        SearchStatus.PARTIAL: "◑",
        SearchStatus.CAPPED: "◒",
        SearchStatus.SUSPICIOUS: "?",
        SearchStatus.PAUSED: "‖",
        SearchStatus.OUTDATED: "○",
        SearchStatus.UNAVAILABLE: "✗",
        SearchStatus.NEVER_ASKED: "·",
        SearchStatus.NOT_DUE: " ",
        SearchStatus.OUTSIDE: " ",
    }
)
"""One character for each status of a day, for a row of days."""


def meanings_listed_in(meaning: str) -> Mapping[str, str]:
    """The statuses of the closed set that a meaning lists, each with its meaning; empty if it lists none."""
    sets = (SEARCH_STATUSES, COMMENT_STATUSES, ACCOUNT_STATUSES)
    return next((statuses for statuses in sets if listed(statuses) in meaning), {})
