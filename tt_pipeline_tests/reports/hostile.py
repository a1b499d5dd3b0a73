"""Values that programs misread: as the result of a query, and as tests expect them from a reader."""

from datetime import UTC, date, datetime
from typing import Final

LONG: Final = "é😀" * 5_000
TEXTS: Final = (
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@handle",
    "'=quoted",
    "<r><t>&</t></r>",
    "</t></is></c><c><f>1+1</f></c>",
    "_x0041_ and _x000D_",
    "]]> & \"quotes\" 'and' <b>",
    "שלום \u202eabc",
    "👩‍🔬 ü e\u0301",
    "tab\tline\nend",
    LONG,
)
"""Texts that every format holds as they are."""
NUL: Final = "a\x00b"
DAY, INSTANT = date(2026, 10, 3), datetime(2026, 10, 25, 0, 30, 1, 250000, UTC)
ID: Final = 7_696_688_856_609_475_842
"""Beyond 2^53."""


def quoted(text: str) -> str:
    """A text in SQL, in which NUL is written as a function."""
    return " || chr(0) || ".join("'" + part.replace("'", "''") + "'" for part in text.split("\x00"))


QUERY: Final = " union all ".join(
    f"""
    select
      {number}::bigint as n, {ID + number} as video_id, {quoted(text)} as words,
      true as is_on, 1.5::double as share, date '{DAY}' as day, timestamptz '{INSTANT.isoformat()}' as seen_at,
      null::varchar as no_text, null::bigint as no_number, null::date as no_day, null::boolean as no_answer,
      null::timestamptz as no_time, ['x', 'y'] as items
    """
    for number, text in enumerate((*TEXTS, NUL), start=1)
)
EMPTY: Final = f"select * from ({QUERY}) where n < 0"
