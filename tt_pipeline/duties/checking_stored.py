"""Checks that what is stored still exists on TikTok, hides what does not, and deletes what is confirmed to be gone."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tt_pipeline.audit_log import Deed, note_deed
from tt_pipeline.codebook.limits import MOST_IDS_PER_TASK
from tt_pipeline.coverage import Workspace, read_restored
from tt_pipeline.duties.deletion import DeletionReport, carry_out, follow_others, is_under_way, resume
from tt_pipeline.duties.due_checks import DueChecks, due_checks
from tt_pipeline.duties.journal import Deletion
from tt_pipeline.duties.returned_copies import clean_returned, has_returned
from tt_pipeline.duties.selecting import select_gone
from tt_pipeline.duties.stored_profiles import DueProfiles, due_profiles, expired_profiles
from tt_pipeline.errors import CollectionRuns, RestoredUnchecked
from tt_pipeline.ingestion import (
    COMMENT,
    VIDEO,
    CollectionSession,
    Refresher,
    Verdict,
    deliver,
    judge,
    load_landed,
    on_writer,
    read_validations,
    refresher_file,
    verify_profiles,
    write_ops_tables,
)
from tt_pipeline.settings import Settings
from tt_pipeline.studies import CHECKS_PART_OF_QUOTA
from tt_pipeline.tombstones import DeletionReason
from tt_pipeline.vocabulary import Dataset, Username
from tt_pipeline.warehouse import Writer

log = logging.getLogger(__name__)
KINDS = (VIDEO, COMMENT)
PROFILE: Final = "profile"
REQUESTS_A_TASK: Final = 3
"""To create it, to ask for its progress, to download the answer; a slow task takes a few more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshState:
    """What has to be checked, and what the checks have said so far.

    Attributes:
        checks: By kind: video and comment.
        profiles: Those of profiles; None unless the study verifies them themselves.
        expired: Accounts whose names, texts and picture are dropped now.
        doubts: Why answers are not believed, as sentences.
        under_way: Tasks whose answers are still to come.
        has_returned: Whether a copy that could not be reached is there again, so that it can be cleaned.
        is_behind: Whether another machine has deleted something, which is still to be deleted here.
        may_publish: Whether everything that was restored has been checked and can be published now.
    """

    checks: Mapping[str, DueChecks[int]]
    profiles: DueProfiles | None
    expired: frozenset[str]
    doubts: tuple[str, ...]
    under_way: int
    has_returned: bool
    is_behind: bool = False
    may_publish: bool = False

    @property
    def is_anything_due(self) -> bool:
        """Whether a refresh would send or delete something now."""
        return (
            bool(self.under_way)
            or self.has_returned
            or self.is_behind
            or self.may_publish
            or bool(self.expired)
            or any(each.to_ask for each in self.by_kind.values())
            or any(each.confirmed for each in self.checks.values())
            or bool(self.profiles and self.profiles.gone())
        )

    @property
    def by_kind(self) -> Mapping[str, DueChecks[int] | DueChecks[Username]]:
        """The checks of every kind that is checked."""
        return {**self.checks, **({PROFILE: self.profiles.checks} if self.profiles else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReport:
    """What a refresh has done.

    Attributes:
        requests: Requests that were sent.
        asked: Ids that were sent, by kind.
        missing: Ids that are missing now and are hidden until they are confirmed, by kind.
        refused: Kinds that cannot be checked, because the server refuses batch compliance.
        doubts: Why answers are not believed, as sentences; nothing is deleted because of these.
        deletion: The deletion of what was confirmed to be gone; None if nothing was.
        waits: Why what is confirmed to be gone, or was deleted elsewhere, could not be deleted yet; "" if it could.
        returned: What became of what another machine has deleted, and of copies that could not be reached before, as
            sentences.
        is_published: False if a backup was restored and not all of it could be checked.
    """

    requests: int
    asked: Mapping[str, int]
    missing: Mapping[str, int]
    refused: tuple[str, ...]
    doubts: tuple[str, ...]
    deletion: DeletionReport | None
    waits: str = ""
    returned: tuple[str, ...] = ()
    is_published: bool = True


def refresh_state(workspace: Workspace, *, at_once: bool = False) -> RefreshState:
    """What has to be checked now; everything that has landed is loaded first."""
    load_landed(workspace, *Dataset)
    write_ops_tables(workspace)
    study, now = workspace.study, workspace.clock.now()
    rules = study.compliance
    requests = study.quota.requests_per_day // CHECKS_PART_OF_QUOTA
    restored = read_restored(workspace.files)
    most_tasks = None if at_once or restored else max(1, requests // REQUESTS_A_TASK)
    all_before = restored.restored_at if restored else None

    verdicts = _verdicts(workspace)
    doubts, under_way = tuple(_doubts(verdicts)), sum(verdict.validation.is_under_way(now) for verdict in verdicts)

    def found(writer: Writer) -> tuple[dict[str, DueChecks[int]], DueProfiles | None, frozenset[str]]:
        checks = {
            kind: due_checks(writer, kind, rules, now, at_once=at_once, most_tasks=most_tasks, all_before=all_before)
            for kind in KINDS
        }
        profiles = due_profiles(writer, study, now, all_before=all_before) if study.users.is_strict else None
        # A check that is late, under way or doubted does not prove that nothing verifies a profile.
        is_known = not (under_way or doubts or checks[VIDEO].overdue)
        return checks, profiles, expired_profiles(writer, study, now) if is_known else frozenset()

    checks, profiles, expired = on_writer(workspace, found)
    unchecked = sum(each.unchecked for each in checks.values()) + (profiles.checks.unchecked if profiles else 0)
    return RefreshState(
        checks=checks,
        profiles=profiles,
        expired=expired,
        doubts=(*doubts, *([profiles.doubt] if profiles and profiles.doubt else [])),
        under_way=under_way,
        has_returned=has_returned(workspace.files),
        is_behind=workspace.tombstones.is_behind,
        may_publish=restored is not None and not unchecked,
    )


def price_of_checks(state: RefreshState) -> int:
    """About how many requests the checks take that are sent now."""
    tasks = sum(-(-len(each.to_ask) // MOST_IDS_PER_TASK) for each in state.checks.values())
    return REQUESTS_A_TASK * tasks + (len(state.profiles.checks.to_ask) if state.profiles else 0)


def refresh(
    session: CollectionSession, settings: Settings, *, at_once: bool = False, confirms: bool = False
) -> RefreshReport:
    """Check what is due, publish without what is missing, and delete what is confirmed to be gone.

    Args:
        session: May send.
        settings: The data dir, for the deletion.
        at_once: Check everything that is due now, also if it can wait until more is due.
        confirms: A person believes the answers that are doubted.

    Raises:
        QuotaExhausted: No request is left; the next refresh goes on.
    """
    if is_under_way(session.files):
        resume(session, settings.study_file)
    returned, waits = list[str](), ""
    try:
        returned += follow_others(session, settings.study_file)
    except CollectionRuns as error:
        waits = f"{error}"
    returned += clean_returned(session, settings.study_file)
    before = session.ledger.last_request()
    asked: dict[str, int] = {}
    refused: list[str] = []
    try:
        with session.zone.lease(Dataset.VALIDATIONS), session.zone.writing(refresher_file(session), packs=True) as file:
            refresher = Refresher(session, file)
            if confirms:
                _confirm(session, refresher)
            refresher.follow()
            for kind in KINDS:  # comments last: those of missing videos need not be checked
                due = refresh_state(session, at_once=at_once).checks[kind]
                if due.to_ask and not refresher.ask(kind, due.to_ask):
                    refused.append(kind)
                else:
                    asked[kind] = len(due.to_ask)
                refresher.follow()
                refresher.sample()
        if session.study.users.is_strict and (profiles := refresh_state(session, at_once=at_once).profiles):
            asked[PROFILE] = verify_profiles(session, profiles.checks.to_ask)
    finally:
        is_published = _publish(session)
    state = refresh_state(session)
    deletion = None
    try:
        deletion = _delete_confirmed(session, settings, state, believes_refusals=confirms)
    except CollectionRuns as error:
        waits = f"{error}"
    return RefreshReport(
        requests=session.ledger.charged(session.run_id, Dataset.VALIDATIONS, Dataset.USERS, after=before),
        asked=asked,
        missing={kind: checks.missing for kind, checks in state.by_kind.items()},
        refused=tuple(refused),
        doubts=state.doubts,
        deletion=deletion,
        waits=waits,
        returned=tuple(returned),
        is_published=is_published,
    )


def _publish(session: CollectionSession) -> bool:
    """Publish, unless something that was restored is still not checked; returns whether it was published."""
    try:
        deliver(session)
    except RestoredUnchecked:
        return False
    return True


def _delete_confirmed(
    session: CollectionSession, settings: Settings, state: RefreshState, *, believes_refusals: bool
) -> DeletionReport | None:
    videos, comments = (state.checks[kind].confirmed for kind in KINDS)
    profiles = state.profiles.gone(is_believed=believes_refusals) if state.profiles else frozenset[Username]()
    subjects = select_gone(session, videos, comments, profiles)
    reason = DeletionReason.GONE if subjects else DeletionReason.EXPIRED
    now = session.clock.now()
    subjects = replace(subjects, expired=state.expired - subjects.creators, expired_at=now)
    if not subjects:
        return None
    deletion = Deletion(subjects=subjects, reason=reason, begun_at=now, note="refresh")
    return carry_out(session, settings.study_file, deletion)


def _confirm(session: CollectionSession, refresher: Refresher) -> None:
    doubtful = [verdict for verdict in refresher.verdicts() if verdict.doubted and verdict.validation.valid is not None]
    if doubtful:
        refresher.confirm([verdict.validation.name for verdict in doubtful])
        counts = {"checks": len(doubtful), "ids": sum(len(verdict.doubted) for verdict in doubtful)}
        note_deed(session.files.audit, Deed.REFRESH_CONFIRMED, session.clock.now(), counts)


def _verdicts(workspace: Workspace) -> Sequence[Verdict]:
    checks = read_validations(workspace.zone.inventory.locations_of(Dataset.VALIDATIONS))
    return judge(checks, workspace.study.compliance, workspace.clock.now())


def _doubts(verdicts: Sequence[Verdict]) -> Iterable[str]:
    """The doubts about ids of which no later check has said anything."""
    for number, verdict in enumerate(verdicts):
        later = [each for each in verdicts[number + 1 :] if each.validation.kind == verdict.validation.kind]
        check = verdict.validation
        # The task of whose ids a sample was drawn says what is wrong with the sample.
        if not check.sampled and verdict.doubted.difference(*(each.alive | each.gone for each in later)):
            yield f"The check of {check.kind}s of {check.asked_at:%Y-%m-%d %H:%M} UTC is doubted: {verdict.doubt}."
