"""The study that stands for none: one-off collections need its quota and its title, and it has no search."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Final

from tt_pipeline.studies.reading import read_study
from tt_pipeline.studies.study import CommentRules, QuotaRules, Study, UserRules

_FIRST_DAY: Final = date(2016, 9, 1)
"""TikTok started in that month."""


def study_or_empty(file: Path, *, is_named: bool = False, quota: QuotaRules | None = None) -> Study:
    """The study of a file; without the file a study without searches.

    Args:
        file: The study file.
        is_named: Whether somebody has named the file, so that it must exist.
        quota: The limits without a study.

    Raises:
        StudyError: The file has mistakes, or must exist and does not.
    """
    is_there = is_named or file.exists() or file.is_symlink()
    return read_study(file) if is_there else _no_study(file, quota or QuotaRules())


def _no_study(file: Path, quota: QuotaRules) -> Study:
    # Each folder has a title of its own: on a shared ledger, folders with one title are copies of one study.
    folder = hashlib.sha256(str(file.resolve().parent).encode("utf-8", "replace")).hexdigest()[:8]
    return Study(
        title=f"One-off searches {folder}",
        file=file,
        first_day=_FIRST_DAY,
        last_day=_FIRST_DAY,
        searches=(),
        comments=CommentRules(wanted=False),
        users=UserRules(wanted=False),
        quota=quota,
    )
