"""The loop of all collections: request a page, land it, count it; record failures of the server and continue.

Videos, comments, profiles and account lists all use this loop. `videos.py`, `comments.py`, `users.py` and
`account_lists.py` decide what is requested, and in which order.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.errors import ApiError, UnexpectedResponse
from tt_pipeline.ingestion.bookkeeping import FailureLimit, Tally
from tt_pipeline.ingestion.envelopes import end_marker, subject_envelope
from tt_pipeline.ingestion.in_flight import each_in_flight
from tt_pipeline.ingestion.session import MOST_IN_FLIGHT, CollectionSession
from tt_pipeline.landing import LandingWriter, day_load_id
from tt_pipeline.rejected_answer import RejectedAnswer
from tt_pipeline.research_api import Page, ResearchApi
from tt_pipeline.vocabulary import Dataset, Refusal, StopReason

Subject = TypeVar("Subject")


def land_pages(
    pages: Iterable[Page],
    land: Callable[[Page], None],
    tally: Tally,
    *,
    repeated_if: Callable[[Page, int], bool] = lambda _page, _number: False,
    repeated_after: tuple[type[ApiError], ...] = (),
) -> Page | None:
    """Land and count each page until none follows.

    Args:
        repeated_if: Takes a page and its number, from 1; whether to stop after it, because other requests will return
            its records again.
        repeated_after: Errors after which other requests will return the same records again.

    Returns:
        The page at which `repeated_if` stopped; None when every page has landed.
    """
    with tally.counting() as count:
        try:
            for page in pages:
                land(page)
                count.add(page)
                if repeated_if(page, count.pages):
                    count.exclude_from_lower_bound()
                    return page
        except repeated_after:
            count.exclude_from_lower_bound()
            raise
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCollector:
    """Collects pages about subjects (a video, a creator, an account list) of one dataset on one day; threads share it.

    Attributes:
        writer: Where the pages land.
        search: The reserved name of one-off collections; None for collections of a study.
    """

    session: CollectionSession
    dataset: Dataset
    day: date
    writer: LandingWriter
    tally: Tally
    failures: FailureLimit
    search: str | None = None

    @property
    def api(self) -> ResearchApi:
        """The client; its requests are charged to this dataset and day, requests for replies to the comments."""
        return self.session.api_for(self._reported_as, search=self.search, day=self.day)

    @property
    def _reported_as(self) -> Dataset:
        """The dataset to which requests are charged and under which progress is shown: replies are comments."""
        return Dataset.COMMENTS if self.dataset is Dataset.REPLIES else self.dataset

    def each(self, subjects: Sequence[Subject], collect: Callable[[Subject], object]) -> None:
        """Collect every subject, several at a time; before each subject, stop if a daily run waits.

        Raises:
            DailyRunWaiting: A run of the daily list waits.
            TtPipelineError: The first error of any subject.
        """

        def collect_one(subject: Subject) -> None:
            self.session.yield_to_daily_run()
            collect(subject)

        each_in_flight(subjects, collect_one, at_most=self.session.in_flight, lanes=MOST_IN_FLIGHT)

    def collect(self, request: Callable[[], Iterable[Page]], land: Callable[[Page], None]) -> bool:
        """Land every page about one subject; if the server fails on this subject alone, land an end marker.

        Returns:
            Whether every page landed.

        Raises:
            ApiError: No request reaches the server, or too many subjects failed in a row.
        """
        try:
            land_pages(self._successes(request()), land, self.tally)
        except ApiError as error:
            if not error.rejected:
                self.failures.failure(error)
            rejected = error.rejected
            land(
                self.end_marker(
                    StopReason.UNAVAILABLE, status=error.status or 0, log_id=error.log_id, rejected=rejected
                )
            )
            if rejected:  # what came has landed before the collection may stop
                self.failures.failure(error)
            return False
        return True

    def _successes(self, pages: Iterable[Page]) -> Iterator[Page]:
        for page in pages:
            yield page  # it lands before the collection may stop
            if page.refusal is Refusal.UNKNOWN:
                self.failures.failure(_unknown_refusal(page))
            else:
                self.failures.success()

    def land(self, subject: str, look: int, page: Page) -> None:
        """Store one page and show that it has landed."""
        envelope = subject_envelope(page, self.dataset, self.day, subject, look, search=self.search)
        self.session.land(self.writer, envelope, f"{self._reported_as} of {self.day}")

    def end_marker(
        self,
        ends: StopReason,
        *,
        status: int = 200,
        log_id: str | None = None,
        rejected: tuple[RejectedAnswer, ...] = (),
    ) -> Page:
        """A page without records that notes why nothing follows."""
        endpoint, now = DATASETS[self.dataset].endpoint.name, self.session.clock.now()
        return end_marker(endpoint, now, ends, status=status, log_id=log_id, rejected=rejected)


def _unknown_refusal(page: Page) -> ApiError:
    return UnexpectedResponse(
        page.endpoint,
        status=page.status,
        message="one video or account after another is refused, for a reason that is not known",
        log_id=page.log_id,
    )


@contextmanager
def open_collector(
    session: CollectionSession,
    dataset: Dataset,
    day: date,
    tally: Tally,
    *,
    failures: FailureLimit | None = None,
    search: str | None = None,
) -> Iterator[SubjectCollector]:
    """Open the file of this run's pages of a dataset and day; it is compressed at the end, also after an error."""
    with session.zone.writing(day_load_id(dataset, day, session.run_id), packs=True) as writer:
        yield SubjectCollector(
            session=session,
            dataset=dataset,
            day=day,
            writer=writer,
            tally=tally,
            failures=failures or FailureLimit(),
            search=search,
        )
