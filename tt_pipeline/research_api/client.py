"""The client class: one method for each kind of request, which returns pages.

It works alone, for example in a notebook, and stores nothing.
"""

import copy
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Self

import httpx
from pydantic import SecretStr

from tt_pipeline.clock import Clock, SystemClock
from tt_pipeline.codebook import endpoints as at
from tt_pipeline.codebook.datasets import ACCOUNT_LISTS
from tt_pipeline.codebook.fields import COMMENT_FIELDS, USER_FIELDS, USER_VIDEO_FIELDS, VIDEO_FIELDS
from tt_pipeline.codebook.limits import MOST_COMMENTS, USUAL_REQUESTS_PER_SECOND
from tt_pipeline.errors import SearchIdRefused, ServerFailure, UnexpectedResponse, WindowTooHeavy
from tt_pipeline.query import Query
from tt_pipeline.research_api import drift, request_bodies
from tt_pipeline.research_api.answer_limits import AnswerLimits
from tt_pipeline.research_api.auth import PASSED, Credentials
from tt_pipeline.research_api.compliance import Category, TaskStatus, id_file
from tt_pipeline.research_api.gate import OpenGate, SendGate
from tt_pipeline.research_api.one_call import OneCall
from tt_pipeline.research_api.page import JsonObject, Page, Resume
from tt_pipeline.research_api.paging import PagingState, next_request, restarted, resumed
from tt_pipeline.research_api.retry import OUTAGE_CODES, RetryPolicy
from tt_pipeline.research_api.transport import ApiRequest, Transport
from tt_pipeline.vocabulary import AccountList, StopReason


def _ignore(_page: Page) -> None:
    """Do nothing with a page."""


class ResearchApi(OneCall):
    """TikTok's Research API; thread-safe, with one token and one request rate for all threads.

    Every method may raise `QuotaExhausted` (wait), `NotAuthorized` (correct the credentials), `ServerUnreachable`
    or an `ApiError`. Pages are yielded one by one: those before an error are complete.

    Args:
        client_key: The key of the approved project.
        client_secret: Never shown, logged or stored.
        base_url: TikTok's, or that of the simulator.
        gate: Allows or refuses each request; the default only counts them.
        clock: The clock for times and waits.
        requests_per_second: Highest rate over all threads.
        policy: Which failed requests are sent again, and when.
        limits: How long and how large one answer may be.
        on_unknown_key: Called with (endpoint, key) once for each undocumented key of a record.
        credentials_source: Where key and secret come from, for the message if they are wrong.
        transport: Replaces the network in tests.
        omit_fields: Names of fields that no request lists, whatever the caller of a method wants.
    """

    def __init__(
        self,
        client_key: str,
        client_secret: str | SecretStr,
        *,
        base_url: str = at.BASE_URL,
        gate: SendGate | None = None,
        clock: Clock | None = None,
        requests_per_second: float = USUAL_REQUESTS_PER_SECOND,
        policy: RetryPolicy | None = None,
        limits: AnswerLimits | None = None,
        on_unknown_key: Callable[[str, str], None] = drift.warn,
        credentials_source: str = PASSED,
        transport: httpx.BaseTransport | None = None,
        omit_fields: Collection[str] = (),
    ) -> None:
        secret = client_secret.get_secret_value() if isinstance(client_secret, SecretStr) else client_secret
        self._base_url = base_url.rstrip("/")
        self._gate: SendGate = gate or OpenGate()
        self._omitted = frozenset(omit_fields)
        self._transport = Transport(
            Credentials(client_key=client_key, client_secret=secret, source=credentials_source),
            base_url=self._base_url,
            clock=clock or SystemClock(),
            policy=policy or RetryPolicy(),
            requests_per_second=requests_per_second,
            transport=transport,
            drift=drift.DriftWatch(on_unknown_key),
            limits=limits or AnswerLimits(),
        )

    def __repr__(self) -> str:
        return f"ResearchApi({self._base_url!r}, gate={self._gate!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, for all copies of this client too."""
        self._transport.close()

    def charged_to(self, gate: SendGate) -> "ResearchApi":
        """A copy of this client with another gate, and the same token and request rate."""
        other = copy.copy(self)
        other._gate = gate  # noqa: SLF001 — a copy of ourselves
        return other

    def sign_in(self) -> None:
        """Check that the server accepts the credentials; costs no quota."""
        self._transport.sign_in()

    def video_pages(
        self,
        query: Query,
        first_day: date,
        last_day: date,
        *,
        label: str = "",
        resume: Resume | None = None,
        fields: Sequence[str] = VIDEO_FIELDS,
        random: int | None = None,
    ) -> Iterator[Page]:
        """Pages of a search over at most 30 UTC days, both ends inclusive, in descending order of video id.

        When its search_id expires, the search restarts below the last id seen, so some rows may come twice.

        Args:
            query: The conditions of the search.
            first_day: First UTC day.
            last_day: Last UTC day, inclusive.
            label: Name of the search in error messages.
            resume: Position after the stored pages; only later pages are requested.
            fields: Fields of each video.
            random: Number of videos to draw at random in one page, at most 100; each call draws again.

        Raises:
            WindowTooHeavy: The server fails on these days at every try.
            SearchRejected: The server calls the query invalid.
        """
        body, progress = request_bodies.video_query(query, first_day, last_day, random=random), PagingState()
        if resume:
            body, progress = resumed(replace(resume, request=resume.request or body))
        request = ApiRequest(
            endpoint=at.VIDEO_QUERY,
            body=body,
            description=" ".join(part for part in ("video query", label, f"{first_day}..{last_day}") if part),
            fields=self._fields(at.VIDEO_QUERY, fields),
            has_fresh_search_id=resume is None,
        )
        return self._search(request, progress)

    def comment_pages(
        self,
        video_id: int,
        *,
        resume_cursor: int = 0,
        cap: int = MOST_COMMENTS,
        fields: Sequence[str] = COMMENT_FIELDS,
    ) -> Iterator[Page]:
        """Pages of a video's comments and some of its replies, at most `cap` records."""
        body = request_bodies.comments_of(video_id, cursor=resume_cursor, cap=cap)
        return self._comments(body, f"comments of video {video_id}", cap=cap, fields=fields)

    def reply_pages(
        self,
        comment_id: int,
        *,
        resume_cursor: int = 0,
        cap: int = MOST_COMMENTS,
        fields: Sequence[str] = COMMENT_FIELDS,
    ) -> Iterator[Page]:
        """Pages of the replies to a comment; the comments of the video may already include some."""
        body = request_bodies.replies_to(comment_id, cursor=resume_cursor, cap=cap)
        return self._comments(body, f"replies to comment {comment_id}", cap=cap, fields=fields)

    def user_info(self, username: str, *, fields: Sequence[str] = USER_FIELDS) -> Page:
        """One page with the current profile, or with the reason why there is none."""
        (page,) = self._about(at.USER_INFO, username, fields=fields)
        return page

    def list_pages(
        self, account_list: AccountList, subject: str | int, *, resume_cursor: int | None = None
    ) -> Iterator[Page]:
        """Pages of a list of an account, with all fields; the methods below do the same for one list each.

        Args:
            account_list: Which list.
            subject: The username of the account; for playlists the id of one.
            resume_cursor: Where to continue; None for the first page.
        """
        endpoint = ACCOUNT_LISTS[account_list].endpoint
        return self._about(endpoint, subject, cursor=resume_cursor, fields=endpoint.fields)

    def follower_pages(self, username: str, *, resume_cursor: int | None = None) -> Iterator[Page]:
        """Pages of an account's followers; for large accounts the API returns only about four thousand."""
        return self._about(at.FOLLOWERS, username, cursor=resume_cursor)

    def following_pages(self, username: str, *, resume_cursor: int | None = None) -> Iterator[Page]:
        """Pages of the accounts that an account follows."""
        return self._about(at.FOLLOWING, username, cursor=resume_cursor)

    def liked_pages(
        self, username: str, *, resume_cursor: int | None = None, fields: Sequence[str] = USER_VIDEO_FIELDS
    ) -> Iterator[Page]:
        """Pages of the videos that an account liked; most accounts hide them."""
        return self._about(at.LIKED, username, cursor=resume_cursor, fields=fields)

    def pinned_videos(self, username: str, *, fields: Sequence[str] = USER_VIDEO_FIELDS) -> Page:
        """One page with the videos that an account pinned."""
        (page,) = self._about(at.PINNED, username, fields=fields)
        return page

    def reposted_pages(
        self, username: str, *, resume_cursor: int | None = None, fields: Sequence[str] = USER_VIDEO_FIELDS
    ) -> Iterator[Page]:
        """Pages of the videos that an account reposted."""
        return self._about(at.REPOSTED, username, cursor=resume_cursor, fields=fields)

    def playlist_pages(self, playlist_id: int, *, resume_cursor: int = 0) -> Iterator[Page]:
        """Pages of a playlist; a record is `{"id": <video id>}`, and the body has its name and total."""
        return self._about(at.PLAYLIST, int(playlist_id), cursor=resume_cursor)

    def create_validation_task(
        self, ids: Collection[int], category: Category, *, on_page: Callable[[Page], None] = _ignore
    ) -> str:
        """Upload at most 10,000 ids to be checked, and return the task's id, which can exceed 64 bits.

        Args:
            ids: Of videos or of comments.
            category: Of which of the two.
            on_page: Called with the answer before it is read.
        """
        page = self._task(at.TASK_CREATE, {"category": category.value}, upload=("ids.txt", id_file(ids)))
        on_page(page)
        return _required(page, "task_id")

    def validation_status(self, task_id: str, *, on_page: Callable[[Page], None] = _ignore) -> TaskStatus:
        """The progress of a task; `on_page` is called with the answer before it is read."""
        page = self._task(at.TASK_STATUS, {"task_id": int(task_id)})
        on_page(page)
        status = _required(page, "task_status")
        if status not in set(TaskStatus):
            raise UnexpectedResponse(page.endpoint, status=page.status, message=f"task_status {status!r}")
        return TaskStatus(status)

    def download_valid_ids(self, task_id: str, *, on_page: Callable[[Page], None] = _ignore) -> frozenset[int]:
        """The ids of a completed task that may be kept; all other uploaded ids must be deleted.

        Args:
            task_id: The task.
            on_page: Called with the answer before it is read.
        """
        page = self._task(at.TASK_DOWNLOAD, {"task_id": int(task_id)})
        on_page(page)
        return frozenset(record["id"] for record in page.records if isinstance(record.get("id"), int))

    def _search(self, request: ApiRequest, progress: PagingState) -> Iterator[Page]:
        try:
            yield from self._pages(request, progress=progress)
        except ServerFailure as error:
            if error.code in OUTAGE_CODES:  # not caused by the window
                raise
            too_heavy = WindowTooHeavy(
                error.request, status=error.status, code=error.code, message=error.message, log_id=error.log_id
            )
            too_heavy.rejected = error.rejected
            raise too_heavy from error

    def _comments(self, body: JsonObject, description: str, *, cap: int, fields: Sequence[str]) -> Iterator[Page]:
        parameter = self._fields(at.COMMENT_LIST, fields)
        request = ApiRequest(endpoint=at.COMMENT_LIST, body=body, description=description, fields=parameter)
        return self._pages(request, cap=cap)

    def _about(
        self, endpoint: at.Endpoint, subject: str | int, *, cursor: int | None = None, fields: Sequence[str] = ()
    ) -> Iterator[Page]:
        # Errors reach logs, so they do not name the username; the caller knows it.
        named = "an account" if isinstance(subject, str) else f"{endpoint.subject_key.removesuffix('_id')} {subject}"
        description = f"{endpoint.name} of {named}"
        body = request_bodies.about(endpoint, subject, cursor=cursor)
        parameter = self._fields(endpoint, fields) if endpoint.fields else ""
        return self._pages(ApiRequest(endpoint=endpoint, body=body, description=description, fields=parameter))

    def _fields(self, endpoint: at.Endpoint, wanted: Sequence[str]) -> str:
        return request_bodies.fields_of(endpoint, [field for field in wanted if field not in self._omitted])

    def _task(self, endpoint: at.Endpoint, body: JsonObject, *, upload: tuple[str, bytes] | None = None) -> Page:
        return self._transport.send(
            ApiRequest(endpoint=endpoint, body=body, description=endpoint.name, upload=upload), self._gate
        )

    def _pages(
        self, request: ApiRequest, *, progress: PagingState | None = None, cap: int | None = None
    ) -> Iterator[Page]:
        progress = progress or PagingState()
        while True:
            try:
                page = self._transport.send(request, self._gate)
            except SearchIdRefused:
                body = restarted(request.endpoint, request.body, progress)
                if body is None:
                    raise
                request, progress = replace(request, body=body, has_fresh_search_id=True), progress.restarted()
                continue
            following = next_request(request.endpoint, page, progress, cap=cap)
            if isinstance(following, StopReason):
                yield replace(page, ends=following)
                return
            yield page
            progress = progress.after(page, following)
            request = replace(request, body=following, has_fresh_search_id=True)


def _required(page: Page, key: str) -> str:
    value = next((record.get(key) for record in page.records), None)
    if not value:
        raise UnexpectedResponse(page.endpoint, status=page.status, code="ok", message=f"no {key}", log_id=page.log_id)
    return str(value)
