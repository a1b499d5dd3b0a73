"""The study file can be edited while Dagster works with definitions of an earlier version.

Then only what both versions have can be requested, until the definitions are loaded again. While the file cannot be
read, every new run would fail, so all runs wait in the queue.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tt_pipeline.coverage import Work, asset_of, list_of
from tt_pipeline.studies import Study


def is_edited(study: Study, *, loaded: Study) -> bool:
    """Whether the study differs from the one of the loaded definitions."""
    return version_of(study) != version_of(loaded)


def version_of(study: Study) -> str:
    """Distinguishes the versions of a study file by all that they define; the same in every process."""
    return hashlib.sha256(repr(replace(study, notices=())).encode()).hexdigest()[:12]


def edit_notice(study: Study) -> str:
    """What to tell a person whose edit is not in force yet."""
    return (
        f"{study.file.name} was edited; reload the definitions (`tt up` does so within seconds; "
        "in the UI, click Reload under Deployment, Code locations). Until then, only what was not edited is requested."
    )


def requestable(work: Sequence[Work], *, loaded: Study, today: date) -> list[Work]:
    """The work that the loaded definitions have assets and partitions for."""
    assets = {f"videos/{search.name}" for search in loaded.searches} | {"comments", "users"}
    assets |= {asset_of(account_list) for account_list in (loaded.accounts.lists if loaded.accounts else ())}
    return [piece for piece in work if piece.asset in assets and _has_days(piece, loaded, today)]


def _has_days(piece: Work, loaded: Study, today: date) -> bool:
    last_day = today if list_of(piece.asset) else min(loaded.last_day or today, today)
    return loaded.first_day <= piece.window.first_day and piece.window.last_day <= last_day
