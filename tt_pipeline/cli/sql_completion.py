"""What the tab key offers at the prompt of `tt sql`: tables, and the columns of the tables that the query names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tt_pipeline.cli.dot_commands import MODE, OF_PROMPT, names_of
from tt_pipeline.cli.tables import Layout

_WANTS_TABLE: Final = re.compile(r"\b(from|join|describe)\s+[\w.]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Completion:
    """Completes words of SQL.

    Attributes:
        columns: The names of the columns of each table, by its full name.
    """

    columns: Mapping[str, Sequence[str]]

    def words(self, word: str, before: str) -> list[str]:
        """What a word that was begun may become, in alphabetical order.

        Args:
            word: The word, up to the cursor.
            before: Everything that was typed before it, earlier lines too.
        """
        begun = word.lower()
        return sorted({found for found in self._candidates(begun, before) if found.startswith(begun)})

    def _candidates(self, word: str, before: str) -> Iterator[str]:
        line = before.lstrip()
        if line.startswith(".") or (not line and word.startswith(".")):
            yield from self._of_dot_command(line)
            return
        yield from self.columns
        if _WANTS_TABLE.search(before):
            return
        named = [table for table in self.columns if re.search(rf"\b{re.escape(table)}\b", before, re.IGNORECASE)]
        alias, dot, _ = word.rpartition(".")
        for table in named or self.columns:
            yield from (f"{alias}{dot}{column}" for column in self.columns[table])

    def _of_dot_command(self, line: str) -> Sequence[str]:
        if not line:
            return names_of(OF_PROMPT)
        return [*Layout] if line.startswith(MODE) else list(self.columns)
