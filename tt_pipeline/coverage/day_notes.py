"""Notes on the comments and profiles of days, so that `due` and the tables do not read the videos of old days again.

The index deletes a note when a page lands or disappears that can change the day (`landing/day_notes.py`). A note counts
for the rules of the study under which it was made.
"""

import hashlib
import json
import logging
import random
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING

from tt_pipeline.landing import DayNote
from tt_pipeline.studies import Study
from tt_pipeline.vocabulary import Dataset

if TYPE_CHECKING:
    from tt_pipeline.coverage.comments import CommentCoverage
    from tt_pipeline.coverage.profiles import ProfileCoverage
    from tt_pipeline.coverage.study_coverage import StudyCoverage

log = logging.getLogger(__name__)

_VERSION = 1
"""Raise it when the statuses of `comments.py` or `profiles.py` change their meaning, so that no earlier note counts."""


def rules_of(study: Study, dataset: Dataset) -> str:
    """What a note depends on beside the pages: the study's rules for the dataset, and its queries in their order."""
    rules = study.comments if dataset is Dataset.COMMENTS else study.users
    queries = [(query.name, query.fingerprint) for query in study.queries]
    text = json.dumps([_VERSION, asdict(rules), queries], default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def note_days(coverage: "StudyCoverage", datasets: Collection[Dataset] = (Dataset.COMMENTS, Dataset.USERS)) -> None:
    """Read the days of the study without a note, and note them.

    Nothing is noted if videos or looks of the coverage were read before: a page may have landed since.

    Args:
        coverage: What has landed; it has the new notes afterwards.
        datasets: Comments, users, or both.
    """
    if not coverage.landed.has_read_nothing:
        return
    notes, study, coverages = coverage.index.day_notes, coverage.study, _coverages(coverage)
    first_day, last_day = study.first_day, study.last_day or date.max
    days = [day for day in coverage.landed.videos_by_day if first_day <= day <= last_day]
    open_days = {
        dataset: {day for day in days if day not in coverage_of.notes}
        for dataset, coverage_of in coverages.items()
        if dataset in datasets
    }
    tokens = {
        dataset: notes.begin(dataset, rules_of(study, dataset), sorted(without))
        for dataset, without in open_days.items()
        if without
    }
    new: dict[Dataset, dict[date, DayNote]] = {dataset: {} for dataset in tokens}
    for day in days:  # day by day: all videos of a large archive do not fit into memory
        if noted := [dataset for dataset in tokens if day in open_days[dataset]]:
            for dataset in noted:
                new[dataset][day] = coverages[dataset].note(day)
            coverage.comments.release(day)
            coverage.landed.release(day)
    for dataset, token in tokens.items():
        notes.write(dataset, rules_of(study, dataset), token, new[dataset], coverage.now)
        coverages[dataset].notes.update(new[dataset])


def forget_wrong_notes(coverage: "StudyCoverage") -> None:
    """Compare one note, which chance chooses, with the pages of its day; if it is wrong, delete all, and say so."""
    study, notes = coverage.study, coverage.index.day_notes
    for dataset, coverage_of in _coverages(coverage).items():
        if not coverage_of.notes:
            continue
        day = random.choice([*coverage_of.notes])  # noqa: S311 — a sample, not a secret
        computed = replace(coverage_of, notes={}).note(day)
        still = notes.read(dataset, rules_of(study, dataset), coverage.now).get(day)
        if still and still == coverage_of.notes[day] and replace(still, token="") != computed:
            log.warning("the note on %s of %s in the landing index was wrong: all notes are made anew.", dataset, day)
            notes.forget()
            return


def _coverages(coverage: "StudyCoverage") -> "dict[Dataset, CommentCoverage | ProfileCoverage]":
    return {Dataset.COMMENTS: coverage.comments, Dataset.USERS: coverage.profiles}
