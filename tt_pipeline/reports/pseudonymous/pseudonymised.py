"""Turns the tables of a published file into views with pseudonyms and masked texts, for an export."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.pseudonymous.folding import Span, folded_with_places, whole_letters
from tt_pipeline.reports.pseudonymous.handles import Handles
from tt_pipeline.reports.pseudonymous.key import Pseudonyms
from tt_pipeline.reports.pseudonymous.known_handles import handles_in, own_words
from tt_pipeline.reports.pseudonymous.masking import mask, replace_spans
from tt_pipeline.reports.pseudonymous.treatments import Treatment, treatment_of
from tt_pipeline.sql_text import sql_name
from tt_pipeline.warehouse import TABLES, Column, Table

_REMEMBERED: Final = 1 << 16
"""Texts of which the result is remembered: names of searches, paths and handles repeat in every row."""
_LONG_NUMBER: Final = re.compile(r"(?<![0-9a-z])[0-9]{16,20}(?![0-9a-z])")
_IDS_KEPT: Final = (
    "Ids of videos and comments are kept: the address tiktok.com/@/video/ID opens a video and shows its creator, so "
    "they lead to people. --hide-ids replaces them by pseudonyms."
)
_IDS_HIDDEN: Final = "Ids are pseudonyms too: accounts and videos cannot be found on TikTok by them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonymous:
    """How an export is made pseudonymous.

    Attributes:
        hides_ids: Whether ids of videos, comments, playlists and sounds become pseudonyms too.
    """

    pseudonyms: Pseudonyms
    hides_ids: bool = False

    @property
    def about_ids(self) -> str:
        """What the ids of the export lead to."""
        return _IDS_HIDDEN if self.hides_ids else _IDS_KEPT

    def described(self) -> dict[str, Any]:
        """The entry in the description of the export; it has the fingerprint of the key, and nothing of the key."""
        return {
            "accounts": "HMAC-SHA256 of the handle with the key, its first 128 bits",
            "ids": "hidden" if self.hides_ids else "kept",
            "note": self.about_ids,
            "key_fingerprint": self.pseudonyms.fingerprint,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymousTable:
    """A table as a view with pseudonyms.

    Attributes:
        relation: The name of the view.
        treatments: What happened to each column of the view.
        left_out: The columns of the table that the view does not have.
    """

    relation: str
    table: Table
    treatments: Mapping[str, Treatment]
    left_out: tuple[str, ...]


class Pseudonymiser:
    """Makes the views on one connection to a published file.

    Attributes:
        handles: Every handle of the file; none of them may be in the export.
        labels: Those of them that are no words of the export itself.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, how: Pseudonymous) -> None:
        self._connection, self.how = connection, how
        self.handles = handles_in(connection)
        self.labels = labels_of(self.handles)
        functions: dict[Treatment, Callable[[str], str]] = {
            Treatment.ACCOUNT: how.pseudonyms.account,
            Treatment.ITEM: how.pseudonyms.item,
            Treatment.MASKED: lambda text: mask(text, self.handles),
            Treatment.NAMES_REPLACED: self.label,
        }
        for treatment, function in functions.items():
            remembered = lru_cache(maxsize=_REMEMBERED)(function)
            connection.create_function(_FUNCTIONS[treatment], remembered, ["VARCHAR"], "VARCHAR")

    def label(self, text: str) -> str:
        """A text of ours, such as the name of a search, with pseudonyms in the place of handles and perhaps of ids."""
        plain, places = folded_with_places(text)
        spans: list[tuple[Span, str]] = []
        for first, behind in sorted(self.labels.spans(without_own_words(plain))):
            if not spans or first >= spans[-1][0][1]:
                username = self.labels.username_of(plain[first:behind])
                spans.append((whole_letters((first, behind), places), self.how.pseudonyms.account(username)))
        replaced = replace_spans(text, places, spans) if spans else text
        if self.how.hides_ids:
            return _LONG_NUMBER.sub(lambda found: self.how.pseudonyms.item(found[0]), replaced)
        return replaced

    def view_of(self, name: str) -> PseudonymousTable:
        """A table of the file as a view with pseudonyms.

        Raises:
            UsageError: The catalog does not know the table, so nobody has decided what may be shown of it.
        """
        table = TABLES.get(name)
        if table is None:
            raise UsageError(
                f"{name} is unknown to this version of tt_pipeline, and so is which of its columns name people. Leave "
                "it out of a pseudonymous export."
            )
        described = self._connection.execute(f"describe {name}").fetchall()
        there = {column for column, *_ in described}
        treatments = {
            column.name: treatment_of(column, hides_ids=self.how.hides_ids)
            for column in table.columns
            if column.name in there
        }
        shown = {column: each for column, each in treatments.items() if each is not Treatment.LEFT_OUT}
        relation = sql_name(f"pseudonymous {name}")
        selected = ", ".join(_selected(table_column(table, column), each) for column, each in shown.items())
        self._connection.execute(f"create temp view {relation} as select {selected} from {name}")
        return PseudonymousTable(
            relation=relation,
            table=table,
            treatments=shown,
            left_out=tuple(column for column in treatments if column not in shown),
        )


_FUNCTIONS: Final[Mapping[Treatment, str]] = {
    Treatment.ACCOUNT: "pseudonym_of_account",
    Treatment.ITEM: "pseudonym_of_id",
    Treatment.MASKED: "masked_text",
    Treatment.NAMES_REPLACED: "label_without_handles",
}


def labels_of(handles: Handles) -> Handles:
    """The handles that can be looked for in texts of ours: no words of the export, and not digits alone."""
    digits = {plain for username in handles if (plain := username.strip()).replace(".", "").isdigit()}
    return handles.without(own_words() | digits)


_RUN: Final = re.compile(r"[\w.]+")
_COMPUTED: Final = re.compile(r"(?:account_|id_)?[0-9a-f]{32,128}|[\d.]+")


def without_own_words(plain: str) -> str:
    """A folded text with blanks in the place of words of the export, pseudonyms, checksums and numbers."""
    own = own_words()

    def blanked(run: re.Match[str]) -> str:
        return " " * len(run[0]) if run[0].strip(".") in own or _COMPUTED.fullmatch(run[0]) else run[0]

    return _RUN.sub(blanked, plain)


def table_column(table: Table, name: str) -> Column:
    """A column of a table by its name."""
    return next(column for column in table.columns if column.name == name)


def _selected(column: Column, treatment: Treatment) -> str:
    name = sql_name(column.name)
    if treatment is Treatment.KEPT:
        return name
    return f"{_FUNCTIONS[treatment]}(cast({name} as varchar)) as {name}"
