"""Calls for notebooks: each requests the pages that it needs and returns their records together.

`client.py` requests page by page.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Final, Protocol

from tt_pipeline.codebook import endpoints as at
from tt_pipeline.codebook.datasets import ACCOUNT_LISTS
from tt_pipeline.errors import TtPipelineError, UsageError
from tt_pipeline.links import username_in, video_id_in
from tt_pipeline.query import Query
from tt_pipeline.query_words import query_of_words
from tt_pipeline.research_api.found import Found, further_keys
from tt_pipeline.research_api.page import JsonObject, Page, Resume
from tt_pipeline.vocabulary import AccountList, Refusal

USUAL_PAGES: Final = 2
"""Pages of a search, of 100 videos each, unless the caller wants another number."""


class _Pages(Protocol):
    """What a client must have for these calls."""

    def video_pages(
        self, query: Query, first_day: date, last_day: date, *, resume: Resume | None = None
    ) -> Iterator[Page]: ...
    def comment_pages(self, video_id: int, *, resume_cursor: int = 0) -> Iterator[Page]: ...
    def user_info(self, username: str) -> Page: ...
    def list_pages(
        self, account_list: AccountList, subject: str | int, *, resume_cursor: int | None = None
    ) -> Iterator[Page]: ...


class OneCall:
    """The calls; `ResearchApi` has them.

    An error before the first page is raised. After it, the call returns what came, with `stopped_because`.
    """

    def search(
        self: _Pages,
        query: Query | str,
        first_day: date | str,
        last_day: date | str,
        *,
        max_pages: int | None = USUAL_PAGES,
        search_id: str | None = None,
        cursor: int | None = None,
    ) -> Found:
        """The newest videos of at most 30 UTC days that match, 100 places of the result a page.

        Args:
            query: Words, as in `query_of_words`, or a query.
            first_day: First UTC day: a date, or text such as "2026-11-01".
            last_day: Last UTC day, included.
            max_pages: Pages after which it stops; None for all.
            search_id: That of an earlier call, to continue it.
            cursor: That of the same call.

        Raises:
            UsageError: The words or days cannot be requested, or of search_id and cursor one is missing; nothing was
                sent.
            SearchIdRefused: The search_id is not valid any more.
        """
        wanted = query_of_words(query) if isinstance(query, str) else query
        if (search_id is None) != (cursor is None):
            raise UsageError("search_id and cursor continue an earlier search together; pass both, or none of them")
        resume = Resume(request={}, cursor=cursor, search_id=search_id, may_restart=False) if search_id else None
        days = _day("first_day", first_day), _day("last_day", last_day)
        return _found(at.VIDEO_QUERY, {"": self.video_pages(wanted, *days, resume=resume)}, max_pages)

    def users(self: _Pages, *accounts: str) -> Found:
        """The profiles of accounts, named by handle or link; one request each."""
        names = dict.fromkeys(map(username_in, accounts))
        return _found(at.USER_INFO, {name: _profile(self, name) for name in names}, 1)

    def comments(self: _Pages, *videos: str | int, max_pages: int | None = None, cursor: int = 0) -> Found:
        """The comments of videos, named by id or link: all that the API returns, at most 1,000 a video."""
        ids = dict.fromkeys(map(video_id_in, videos))
        requests = {str(each): self.comment_pages(each, resume_cursor=cursor) for each in ids}
        return _found(at.COMMENT_LIST, requests, max_pages)

    def followers(self: _Pages, *accounts: str, max_pages: int | None = None, cursor: int | None = None) -> Found:
        """The accounts that follow these accounts."""
        return _lists(self, AccountList.FOLLOWERS, accounts, max_pages, cursor)

    def following(self: _Pages, *accounts: str, max_pages: int | None = None, cursor: int | None = None) -> Found:
        """The accounts that these accounts follow."""
        return _lists(self, AccountList.FOLLOWING, accounts, max_pages, cursor)

    def liked(self: _Pages, *accounts: str, max_pages: int | None = None, cursor: int | None = None) -> Found:
        """The videos that these accounts liked; most accounts hide them."""
        return _lists(self, AccountList.LIKED, accounts, max_pages, cursor)

    def pinned(self: _Pages, *accounts: str) -> Found:
        """The videos that these accounts pinned."""
        return _lists(self, AccountList.PINNED, accounts, None, None)

    def reposted(self: _Pages, *accounts: str, max_pages: int | None = None, cursor: int | None = None) -> Found:
        """The videos that these accounts reposted."""
        return _lists(self, AccountList.REPOSTED, accounts, max_pages, cursor)


Requests = dict[str, Iterator[Page]]
"""The pages of each subject; none is requested before it is taken."""


def _day(name: str, day: date | str) -> date:
    try:
        return date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:
        example = 'date(2026, 11, 1) or "2026-11-01"'
        raise UsageError(f"{name} is {day!r}, which is not a day; pass for example {example}.") from None


def _profile(api: _Pages, username: str) -> Iterator[Page]:
    yield api.user_info(username)


def _lists(
    api: _Pages, which: AccountList, accounts: tuple[str, ...], max_pages: int | None, cursor: int | None
) -> Found:
    names = dict.fromkeys(map(username_in, accounts))
    requests: Requests = {name: api.list_pages(which, name, resume_cursor=cursor) for name in names}
    return _found(ACCOUNT_LISTS[which].endpoint, requests, max_pages)


def _found(endpoint: at.Endpoint, requests: Requests, max_pages: int | None) -> Found:
    """The records of the first pages of each subject."""
    found = Found(endpoint=endpoint)
    subjects = list(requests)
    for number, (subject, pages) in enumerate(requests.items()):
        try:
            for page in islice(pages, max_pages):
                found = _with_page(found, subject, page)
        except TtPipelineError as error:
            if not found.pages:
                raise
            rest = (each for each in subjects[number:] if each)  # a search has no subject
            unfinished = tuple(dict.fromkeys((*found.unfinished, *rest)))
            return replace(found, unfinished=unfinished, ends=None, stopped_because=error)
    return found


def _with_page(found: Found, subject: str, page: Page) -> Found:
    further: JsonObject = dict.fromkeys(further_keys(found.endpoint), subject)
    refusals: dict[str, Refusal] = {subject: page.refusal} if page.refusal else {}
    others = tuple(each for each in found.unfinished if each != subject)
    return replace(
        found,
        records=(*found.records, *({**further, **record} for record in page.records)),
        pages=found.pages + 1,
        search_id=page.search_id or found.search_id,
        cursor=page.cursor if page.ends is None else None,
        unfinished=(*others, subject) if page.ends is None and subject else others,
        refusals={**found.refusals, **refusals},
        ends=page.ends,
    )
