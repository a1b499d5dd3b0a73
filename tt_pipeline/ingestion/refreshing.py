"""Asks which stored videos and comments still exist: by tasks of batch compliance, or by video queries.

All tasks are created first, because the server works on them meanwhile; then their progress is requested, less and less
often. A refresh that is killed leaves tasks that the next one goes on with; at most the request in flight is repeated.
"""

import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from tt_pipeline.clock import today
from tt_pipeline.codebook.endpoints import VIDEO_QUERY
from tt_pipeline.codebook.limits import MOST_IDS_PER_TASK, PAGE_SIZE, WINDOW_DAYS
from tt_pipeline.errors import ApiError, ScopeNotAuthorized, UnexpectedResponse
from tt_pipeline.ids import upload_date
from tt_pipeline.ingestion.envelopes import end_marker, subject_envelope
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.validations import VIDEO, Validation, Verdict, judge, read_validations
from tt_pipeline.landing import LandingWriter, day_load_id
from tt_pipeline.query import Condition, Query
from tt_pipeline.research_api import Category, Page, ResearchApi, TaskStatus
from tt_pipeline.studies import CHECKS_PART_OF_QUOTA
from tt_pipeline.vocabulary import ConditionField, Dataset, Operation, StopReason

log = logging.getLogger(__name__)

SAMPLE: Final = 300
"""Ids of doubtful tasks that are asked by video query, of all together."""
_FIRST_WAIT_S: Final = 15
_MOST_POLLS: Final = 6
"""Requests for the progress of a task in one refresh; the waits double, so they take a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Refresher:
    """Sends checks and lands their answers in one file of this run."""

    session: CollectionSession
    writer: LandingWriter

    def checks(self) -> list[Validation]:
        """Every check that has landed."""
        return read_validations(self.session.zone.inventory.locations_of(Dataset.VALIDATIONS))

    def verdicts(self) -> list[Verdict]:
        """What all of them prove."""
        return judge(self.checks(), self.session.study.compliance, self.session.clock.now())

    def ask(self, kind: str, ids: Sequence[int]) -> bool:
        """Create tasks for these ids; videos are asked by query where the server refuses tasks.

        Returns:
            Whether they could be asked; comments cannot be asked by query.

        Raises:
            QuotaExhausted: No request is left; what was asked before has landed.
        """
        for start in range(0, len(ids), MOST_IDS_PER_TASK):
            batch = ids[start : start + MOST_IDS_PER_TASK]
            try:
                self._create(kind, batch)
            except (ScopeNotAuthorized, UnexpectedResponse) as error:
                log.warning("batch compliance is refused: %s", error)
                if kind != VIDEO:
                    return False
                self.ask_by_query(ids[start:][: self._most_by_query], f"{VIDEO} query {self.session.run_id}")
                break
        return True

    def follow(self) -> None:
        """Wait for the tasks that are under way, as long as that is likely to help, and download their answers."""
        wait_s = _FIRST_WAIT_S
        for number in range(_MOST_POLLS):
            waiting = [check for check in self.checks() if check.is_under_way(self.session.clock.now())]
            if not waiting:
                return
            self.session.clock.sleep(wait_s if number or not any(check.polls for check in waiting) else 0)
            for check in waiting:
                self._look_after(check)
            wait_s *= 2

    def sample(self) -> None:
        """Ask a sample of the missing videos of doubtful tasks by query, once for each task.

        What an earlier refresh had drawn and could not ask is asked first.
        """
        samples = [check for check in self.checks() if check.sampled]
        for begun in samples:
            self._ask_sample(sorted(begun.unanswered), begun.name)
        sampled = {name for check in samples for name in check.sampled}
        tasks = [each for each in self.verdicts() if _can_be_sampled(each) and each.validation.name not in sampled]
        missing = sorted({number for verdict in tasks for number in verdict.doubted})
        if not missing:
            return
        names = [verdict.validation.name for verdict in tasks]
        drawn = random.Random(" ".join(names)).sample(missing, min(SAMPLE, len(missing)))  # noqa: S311 — a sample
        subject = f"{VIDEO} sample {self.session.run_id}"
        self._state(subject, {"samples": names, "ids": drawn, "sample_size": len(drawn)})
        self._ask_sample(drawn, subject)

    def confirm(self, names: Sequence[str]) -> None:
        """Note that a person believes doubtful tasks."""
        self._state(f"{VIDEO} confirmation {self.session.run_id}", {"confirms": list(names)})

    def ask_by_query(self, ids: Sequence[int], subject: str) -> None:
        """Ask videos by their ids: a hundred in a query, of at most thirty days."""
        for group, first, last in _groups(sorted(ids)):
            values = tuple(str(number) for number in group)
            condition = Condition(field=ConditionField.VIDEO_ID, operation=Operation.IN, values=values)
            query = Query(all_of=(condition,))
            for page in self._api.video_pages(query, first, last, label="stored videos", fields=("id",)):
                self._land(page, subject)

    def _ask_sample(self, ids: Sequence[int], subject: str) -> None:
        try:
            self.ask_by_query(ids, subject)
        except ApiError as error:  # the doubt stays, and the next refresh asks what is left
            log.warning("sample of missing videos: %s", error)

    def _create(self, kind: str, ids: Sequence[int]) -> None:
        def land(page: Page) -> None:
            self._land(replace(page, request={"category": kind, "ids": list(ids)}), kind)

        self._api.create_validation_task(ids, Category(kind), on_page=land)

    def _look_after(self, check: Validation) -> None:
        """Request a task's progress, and its answer when it is completed."""

        def land(page: Page) -> None:
            self._land(replace(page, request={"task_id": check.name}), check.kind)

        def land_last(page: Page) -> None:
            self._land(replace(page, request={"task_id": check.name}, ends=StopReason.COMPLETE), check.kind)

        try:
            is_completed = check.status == TaskStatus.COMPLETED
            if is_completed or self._api.validation_status(check.name, on_page=land) is TaskStatus.COMPLETED:
                self._api.download_valid_ids(check.name, on_page=land_last)
        except ApiError as error:  # the task stays under way until it is too old
            log.warning("task %s: %s", check.name, error)

    @property
    def _most_by_query(self) -> int:
        """Ids that queries ask in one refresh: they take a hundred times as many requests as tasks."""
        return max(1, self.session.study.quota.requests_per_day // CHECKS_PART_OF_QUOTA) * PAGE_SIZE

    @property
    def _api(self) -> ResearchApi:
        return self.session.api_for(Dataset.VALIDATIONS)

    def _state(self, subject: str, statement: dict[str, Any]) -> None:
        marker = end_marker(VIDEO_QUERY.name, self.session.clock.now(), StopReason.COMPLETE)
        self._land(replace(marker, request=statement), subject)

    def _land(self, page: Page, subject: str) -> None:
        envelope = subject_envelope(page, Dataset.VALIDATIONS, today(self.session.clock), subject, 1)
        self.session.land(self.writer, envelope, "check of what is stored")


def _can_be_sampled(verdict: Verdict) -> bool:
    check = verdict.validation
    return check.kind == VIDEO and check.valid is not None and not check.sampled and bool(verdict.doubted)


def _groups(ids: Sequence[int]) -> Iterator[tuple[list[int], date, date]]:
    """Groups of ascending ids that one query can ask, with its first and last day."""
    group: list[int] = []
    for number in ids:
        # A video can be posted a day after its upload, which its id tells.
        is_full = len(group) == PAGE_SIZE or (
            group and (upload_date(number) - upload_date(group[0])).days >= WINDOW_DAYS - 2
        )
        if is_full:
            yield group, upload_date(group[0]), upload_date(group[-1]) + timedelta(days=1)
            group = []
        group.append(number)
    if group:
        yield group, upload_date(group[0]), upload_date(group[-1]) + timedelta(days=1)


def refresher_file(session: CollectionSession) -> str:
    """The load of this run's checks."""
    return day_load_id(Dataset.VALIDATIONS, today(session.clock), session.run_id)
