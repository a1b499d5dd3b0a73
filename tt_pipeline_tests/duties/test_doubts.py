"""Nothing is hidden and nothing is deleted because of an answer that is doubted, and an outage is no answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from starlette.responses import PlainTextResponse, Response

from tt_pipeline.codebook.endpoints import TASK_CREATE, TASK_DOWNLOAD, TASK_STATUS, VIDEO_QUERY
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.ingestion.delivery import deliver
from tt_pipeline.ingestion.validations import FEWEST_GONE, VIDEO, Validation, judge
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline.studies import ComplianceRules
from tt_pipeline.tombstones import Tombstones
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.collection_lab import Lab, MakeLab
from tt_pipeline_tests.contract.shared_server import Exchange, SharedServer, error, good, html
from tt_pipeline_tests.duties.test_refresh import Fault as CheckFault
from tt_pipeline_tests.duties.test_refresh import Refreshing, collect_all
from tt_pipeline_tests.warehouse.builders import contents

CREATE, STATUS, DOWNLOAD = (each.name for each in (TASK_CREATE, TASK_STATUS, TASK_DOWNLOAD))
QUERY = VIDEO_QUERY.name
_AFTER_THE_FIRST = tuple(Fault(kind=FaultKind.ERROR_500, endpoint=QUERY, nth=number) for number in range(2, 40))
FEW = """\
study: What a few people posted
start: 2026-11-03
searches:
  one: {usernames: [%s]}
comments: false
quota: {requests_per_day: 1000, requests_per_second: 10}
"""


@dataclass(frozen=True)
class Kept:
    """What was stored and visible before a server went wrong."""

    made: Refreshing
    videos: set[int]
    comments: set[int]
    rows: dict[str, int]

    @classmethod
    def of(cls, made: Refreshing) -> "Kept":
        """What is stored and visible now."""
        return cls(made, made.videos, made.comments, _rows(made.lab))

    def check(self) -> None:
        """Fail unless everything is visible and stored as before."""
        assert (self.made.videos, self.made.comments) == (self.videos, self.comments)
        assert _rows(self.made.lab) == self.rows
        assert len(Tombstones.of(self.made.settings.files.internal)) == 0


def _rows(lab: Lab) -> dict[str, int]:
    tables = contents(lab.folder / "internal" / "writer.duckdb")
    return {name: frame.height for name, frame in tables.items() if name.startswith("core.")}


@contextmanager
def collected(make_lab: MakeLab, knobs: Knobs) -> Iterator[Refreshing]:
    """Collected data, two weeks later; what the knobs say is so from then on."""
    with make_lab(Knobs(rate_per_minute=10**6)) as lab:
        made = collect_all(lab)
        made.days_pass(14)
        lab.simulator.change_knobs(faults=knobs.faults, compliance_fault=knobs.compliance_fault)
        yield made


def refresh_daily(made: Refreshing, days: int = 3) -> list[str]:
    """Refresh on following days, whatever happens; what each says: its doubts, or its error."""
    said: list[str] = []
    for _ in range(days):
        try:
            report = made.refresh(at_once=True)
            assert report.deletion is None
            said += report.doubts
        except TtPipelineError as problem:
            said.append(f"{type(problem).__name__}: {problem}")
        made.days_pass(1.1)
    return said


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["failed", "never", "foreign_ids", "all_gone", "half_gone"])
def test_a_doubted_task_hides_and_deletes_nothing(make_lab: MakeLab, fault: CheckFault) -> None:
    """Nothing changes on the first day, though three videos and ten comments are gone, and what exists never does."""
    with collected(make_lab, Knobs(compliance_fault=fault)) as made:
        kept = Kept.of(made)
        videos, comments = set(sorted(kept.videos)[:3]), set(sorted(kept.comments)[:10])
        comments |= made.comments_of(videos)
        for number in videos | comments:
            made.lab.simulator.delete(video_id=number, comment_id=number)
        first = made.refresh(at_once=True)
        kept.check()
        doubts = list(first.doubts)
        for _ in range(3):
            made.days_pass(1.1)
            doubts += made.refresh(at_once=True).doubts
        assert doubts
        assert (kept.videos - made.videos) <= videos
        assert (kept.comments - made.comments) <= comments


def always(endpoint: str, kind: FaultKind) -> Fault:
    """A fault of every request to an endpoint."""
    return Fault(kind=kind, endpoint=endpoint, always=True)


OUTAGES = {
    "no task is created": Knobs(faults=(always(CREATE, FaultKind.ERROR_500),)),
    "the second task times out": Knobs(faults=(Fault(kind=FaultKind.TIMEOUT_504, endpoint=CREATE, nth=2),)),
    "no progress": Knobs(faults=(always(STATUS, FaultKind.HTML_504),)),
    "no answer": Knobs(faults=(always(DOWNLOAD, FaultKind.TIMEOUT_504),)),
    "an answer that breaks off": Knobs(faults=(always(STATUS, FaultKind.TRUNCATED_JSON),)),
    "an error under 200": Knobs(faults=(always(DOWNLOAD, FaultKind.ERROR_WITH_200),)),
    "everything gone and queries fail": Knobs(
        compliance_fault="all_gone", faults=(always(QUERY, FaultKind.ERROR_500),)
    ),
    "half gone and queries time out": Knobs(compliance_fault="half_gone", faults=(always(QUERY, FaultKind.HTML_504),)),
    "everything gone and the second query fails": Knobs(compliance_fault="all_gone", faults=_AFTER_THE_FIRST),
    "everything gone and no list": Knobs(compliance_fault="all_gone", faults=(always(QUERY, FaultKind.LIST_MISSING),)),
    "refused and queries fail": Knobs(compliance_fault="refused", faults=(always(QUERY, FaultKind.ERROR_500),)),
    "refused and the second query fails": Knobs(compliance_fault="refused", faults=_AFTER_THE_FIRST),
    "refused and no list": Knobs(compliance_fault="refused", faults=(always(QUERY, FaultKind.LIST_MISSING),)),
}


@pytest.mark.parametrize("knobs", cases(OUTAGES, "everything gone and queries fail"))
def test_an_outage_is_never_evidence(make_lab: MakeLab, knobs: Knobs) -> None:
    """Whatever fails for three days: nothing is hidden or deleted, and afterwards everything is checked."""
    with collected(make_lab, knobs) as made:
        kept = Kept.of(made)
        refresh_daily(made)
        kept.check()
        made.lab.simulator.change_knobs(faults=(), compliance_fault="")
        made.days_pass(1.1)
        report = made.refresh(at_once=True)
        assert (report.deletion, report.doubts, sum(report.missing.values())) == (None, (), 0)
        kept.check()


def test_a_sample_that_fails_does_not_hinder_the_rest(make_lab: MakeLab) -> None:
    """The report says that no answer has come; comments are checked all the same."""
    with collected(make_lab, Knobs(faults=(always(QUERY, FaultKind.ERROR_500),))) as made:
        for video_id in sorted(made.videos)[::10]:
            made.lab.simulator.delete(video_id=video_id)
        report = made.refresh(at_once=True)
        (doubt,) = report.doubts
        assert "of a sample of them no answer has come" in doubt
        assert report.asked["comment"] > 0
        assert (report.missing["video"], report.deletion) == (0, None)


ANSWERS: dict[str, tuple[str, Response]] = {
    "a progress without its key": (TASK_STATUS.path, good()),
    "an answer without its list": (TASK_DOWNLOAD.path, good()),
    "an answer whose list is null": (TASK_DOWNLOAD.path, good(ids=None)),
    "an answer whose list is of something else": (TASK_DOWNLOAD.path, good(ids=[{"video": 1}])),
    "a page instead of an answer": (TASK_DOWNLOAD.path, html(200)),
    "a text instead of an answer": (TASK_DOWNLOAD.path, PlainTextResponse("try again later")),
    "a query without its key": (VIDEO_QUERY.path, good(cursor=0, has_more=False)),
    "a query that fails": (VIDEO_QUERY.path, error(500, "internal_error")),
}


@pytest.mark.parametrize(("path", "response"), cases(ANSWERS, "an answer without its list"))
def test_an_answer_without_its_list_says_nothing_of_a_small_study(
    make_lab: MakeLab, server: tuple[SharedServer, str], path: str, response: Response
) -> None:
    """A study of fewer videos than a doubt needs is not lost either, when answers lack what they should have."""
    shared_server, _ = server
    with make_lab(Knobs(rate_per_minute=10**6)) as lab:
        made = few_videos(lab)
        kept = Kept.of(made)
        assert 3 < len(kept.videos) < FEWEST_GONE
        if path == VIDEO_QUERY.path:
            lab.simulator.change_knobs(compliance_fault="refused")

        def script(exchange: Exchange) -> Response | None:
            return replace_body(response) if exchange.path.rstrip("/") == path.rstrip("/") else None

        shared_server.script = script
        refresh_daily(made)
        kept.check()
        shared_server.script = None
        lab.simulator.change_knobs(compliance_fault="")
        made.days_pass(1.1)
        report = made.refresh(at_once=True)
        assert (report.deletion, report.doubts, dict(report.missing)) == (None, (), {"video": 0, "comment": 0})
        kept.check()


def replace_body(response: Response) -> Response:
    """The same response once more: one is sent once."""
    return Response(response.body, response.status_code, media_type=response.media_type)


def few_videos(lab: Lab) -> Refreshing:
    """The videos of a few creators, two weeks later."""
    days = days_between(date(2026, 11, 3), date(2026, 11, 8))
    posted = [video for day in days for video in lab.simulator.world.videos(day)]
    names = sorted({video.creator.username for video in posted if video.creator.place.region != "CA"})
    lab.study = FEW % ", ".join(names[:5])
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], days)
        deliver(session)
    made = Refreshing(lab)
    made.days_pass(14)
    return made


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ASKED = frozenset(range(10**18, 10**18 + 10_000))
GONE = frozenset(range(10**18, 10**18 + 1_000))
TASK = Validation(name="7", kind=VIDEO, asked_at=NOON, asked=ASKED, valid=ASKED - GONE, status="Completed")
DRAWN = frozenset(sorted(GONE)[:300])


def sampled(alive: int, *, answered: int = 300) -> Validation:
    """The sample of which so many exist, and of so many of which an answer came."""
    drawn = sorted(DRAWN)
    return Validation(
        name="video sample x",
        kind=VIDEO,
        asked_at=NOON,
        by_query=True,
        asked=frozenset(drawn[:answered]),
        valid=frozenset(drawn[:alive]),
        sampled=("7",),
        drawn=DRAWN,
        sample_size=300,
    )


def believed(sample: Validation) -> frozenset[int]:
    """What is believed to be gone after a task and a sample of it."""
    return frozenset().union(*(verdict.gone for verdict in judge([TASK, sample], ComplianceRules(), NOON)))


@pytest.mark.parametrize(("alive", "gone"), [(0, GONE), (6, GONE), (7, frozenset[int]()), (300, frozenset[int]())])
def test_a_sample_decides_by_two_in_a_hundred(alive: int, gone: frozenset[int]) -> None:
    """Six of three hundred may exist; if seven do, not even what the sample did not find is believed to be gone."""
    assert believed(sampled(alive)) == gone


@pytest.mark.parametrize("answered", [0, 100, 299])
def test_a_sample_that_was_cut_off_decides_nothing(answered: int) -> None:
    """Ids of which no answer has come are no evidence."""
    assert believed(sampled(0, answered=answered)) == frozenset()


def test_a_sample_still_decides_when_what_it_confirmed_was_deleted() -> None:
    """Deleted ids are removed from stored answers; the few that existed do not become a large part of the sample."""
    left = frozenset(sorted(DRAWN)[:6])
    kept = replace(sampled(6), asked=left, drawn=left)
    task = replace(TASK, asked=ASKED - DRAWN | left)
    gone = frozenset().union(*(verdict.gone for verdict in judge([task, kept], ComplianceRules(), NOON)))
    assert gone == GONE - DRAWN | left


def test_the_rest_of_a_doubted_answer_is_doubted_too() -> None:
    """A task of the few ids that no sample has found alive is small; a sample decides about it as well."""
    few = frozenset(sorted(GONE)[300:315])
    rest = Validation(name="8", kind=VIDEO, asked_at=NOON, asked=few, valid=frozenset(), status="Completed")
    verdicts = judge([TASK, sampled(300), rest], ComplianceRules(), NOON)
    assert (verdicts[-1].gone, verdicts[-1].doubted) == (frozenset(), few)
    (alone,) = judge([rest], ComplianceRules(), NOON)
    assert alone.gone == few


def test_a_person_believes_task_and_sample() -> None:
    """`tt refresh --confirm` names both."""
    confirmation = Validation(name="c", kind=VIDEO, asked_at=NOON, by_query=True, confirms=("7", "video sample x"))
    verdicts = judge([TASK, sampled(50), confirmation], ComplianceRules(), NOON)
    assert frozenset().union(*(verdict.gone for verdict in verdicts)) == GONE
