"""Landed pages that exist, or may exist, but cannot be read now: a file or folder without permission, a broken disk.

Nobody knows what is in them. Therefore nothing that they may contain is requested again before they can be read.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Self

from tt_pipeline.landing.layout import dataset_name, window_named
from tt_pipeline.vocabulary import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A landed file or a folder of landed files that cannot be read.

    Attributes:
        path: Its path as text, for messages.
        name: The load of the file, or the folder's name below the landing folder.
        problem: Why it cannot be read.
        dataset: What its pages are about; None if it may have pages of every dataset.
        fingerprint: The beginning of the query's fingerprint; "" if it may have pages of every query.
        first_day: The first day of its pages.
        last_day: The last day of its pages.
    """

    path: str
    name: str
    problem: str
    dataset: Dataset | None = None
    fingerprint: str = ""
    first_day: date = date.min
    last_day: date = date.max

    def __str__(self) -> str:
        return f"{self.path} cannot be read ({self.problem})"

    def may_contain(self, dataset: Dataset, day: date | None = None, fingerprint: str = "") -> bool:
        """Whether it may have pages of a dataset; of a day and of a query, if these are named."""
        return (
            self.dataset in {None, dataset}
            and (day is None or self.first_day <= day <= self.last_day)
            and (not (fingerprint and self.fingerprint) or fingerprint.startswith(self.fingerprint))
        )

    @classmethod
    def file(cls, load_id: str, path: str, problem: str) -> Self:
        """A landed file; its name says what it contains."""
        if load_id.startswith(f"{Dataset.VIDEOS}/"):
            fingerprint, first_day, last_day = window_named(load_id)
        else:
            fingerprint, first_day = "", date.fromisoformat(load_id.split("/")[1])
            last_day = first_day
        return cls(
            path=path,
            name=load_id,
            problem=problem,
            dataset=Dataset(dataset_name(load_id)),
            fingerprint=fingerprint,
            first_day=first_day,
            last_day=last_day,
        )

    @classmethod
    def folder(cls, name: str, path: str, problem: str) -> Self | None:
        """A folder; None if tt_pipeline puts no landed file into a folder of this name.

        A folder of a search may have pages of every query, because a search keeps its pages when it is renamed.

        Args:
            name: The name below the landing folder, `.` for the landing folder.
            path: The path, for messages.
            problem: Why the folder cannot be read.
        """
        first, *rest = name.split("/")
        if name == ".":
            return cls(path=path, name=name, problem=problem)
        if first not in {*Dataset}:
            return None
        dataset, days = Dataset(first), (date.min, date.max)
        fingerprint = rest[1] if dataset is Dataset.VIDEOS and len(rest) > 1 else ""
        with suppress(ValueError, IndexError):  # a name that is no day may have pages of every day
            days = (date.fromisoformat(rest[0]), date.fromisoformat(rest[0]))
        days = (date.min, date.max) if dataset is Dataset.VIDEOS else days
        return cls(
            path=path,
            name=name,
            problem=problem,
            dataset=dataset,
            fingerprint=fingerprint,
            first_day=days[0],
            last_day=days[1],
        )
