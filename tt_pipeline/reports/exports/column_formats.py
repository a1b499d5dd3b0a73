"""SQL expressions that write the values of a column so that every program reads the same values.

Ids become text, because they exceed 2^53. In CSV a list becomes one text, an instant becomes ISO 8601 in UTC, and an
apostrophe is inserted wherever a spreadsheet would run a text, or a part of it, as a formula.
"""

import re
from dataclasses import dataclass
from typing import Final

from tt_pipeline.sql_text import sql_name, sql_text

SEPARATOR: Final = "; "
_SIGNS: Final = "=+@\\-\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b"
"""What a formula begins with, also full-width and small; and the minus sign of typography."""
_SEPARATORS: Final = ";\t\r\n"
"""Characters that also separate cells in spreadsheets of locales whose separator is not the comma."""
_SKIPPED: Final = (
    "'\" \u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
    "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
)
"""Characters that a spreadsheet may ignore before a formula: blanks, quotation marks, invisible characters."""
# Apostrophes are among the skipped characters, so removing one from each such place always restores the text.
_FORMULA: Final = f"(^|[{_SEPARATORS}])([{_SKIPPED}]*[{_SIGNS}])"
# Programs that trim a cell would read its second line or column instead of the first.
_BREAK: Final = "^('*[\t\r\n])"
LONGEST_CELL: Final = 32_767
"""The most characters of a cell in Excel, which counts UTF-16: an emoji is two. What is beyond goes to other cells."""
_INTEGERS: Final = frozenset("TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT".split())
_NUMBERS: Final = frozenset({"DOUBLE", "FLOAT"})
INSTANT: Final = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFormat:
    """How a column is written.

    Attributes:
        name: Name in the file.
        called: Name in the table or query result.
        type: DuckDB's type.
        is_id: Whether it is an id, which is written as text.
    """

    name: str
    called: str
    type: str
    is_id: bool

    @property
    def field_type(self) -> str:
        """The column's type in a Data Package."""
        if self.is_id:
            return "string"
        if self.type in _INTEGERS:
            return "integer"
        if self.type in _NUMBERS or re.fullmatch(r"DECIMAL[^\]]*", self.type):
            return "number"
        kinds = {"BOOLEAN": "boolean", "DATE": "date"}
        return "datetime" if self.type.startswith("TIMESTAMP") else kinds.get(self.type, "string")

    def parquet(self) -> str:
        """SQL for the value in Parquet; lists stay lists."""
        value = sql_name(self.called)
        if self.is_id:
            return f"cast({value} as varchar)"
        if self.type.endswith("[]"):
            is_of_integers = self.type.removesuffix("[]") in _INTEGERS
            return f"cast({value} as varchar[])" if is_of_integers else value
        # Parquet does not have these integers, so they would become floats.
        plain = {"HUGEINT": "bigint", "UHUGEINT": "varchar", "UUID": "varchar"}.get(self.type)
        if plain:
            return f"cast({value} as {plain})"
        return f"cast(to_json({value}) as varchar)" if _is_nested(self.type) else value

    def csv(self, *, for_excel: bool = False) -> str:
        """SQL for the value in CSV; for Excel every id gets an apostrophe in front, because Excel would round it."""
        value = sql_name(self.called)
        if self.is_id:
            written = f"cast({value} as varchar)"
            if for_excel:
                return f"'''' || {written}"
            return written if self.type in _INTEGERS else _neutral(written)  # a text can contain anything
        if self.type == "HUGEINT":
            return f"cast({value} as bigint)"
        if self.field_type == "datetime":
            return self._iso()
        if self.field_type != "string":
            return value
        return self._text() if self._has_numbers() else self._neutral_text(for_excel=for_excel)

    def plain(self) -> str:
        """SQL for the value for programs that have texts, numbers, days and instants without a zone, and no lists."""
        value = sql_name(self.called)
        if self.is_id:
            return f"cast({value} as varchar)"
        if self.type == "HUGEINT":
            return f"cast({value} as bigint)"
        if self.field_type == "datetime":
            return f"cast({self._in_utc()} as timestamp)"
        if self.field_type == "number":
            return f"cast({value} as double)"
        return self._text() if self.field_type == "string" else value

    def sqlite(self) -> str:
        """SQL for the value in SQLite, which has no times: these are ISO 8601, and true is 1."""
        value = sql_name(self.called)
        if self.field_type == "datetime":
            return self._iso()
        if self.field_type == "date":
            return f"strftime({value}, '%Y-%m-%d')"
        return f"cast({value} as integer)" if self.field_type == "boolean" else self.plain()

    def json(self) -> str:
        """SQL for the value in JSON; lists and objects stay as they are. JSON has no number that is not finite."""
        value = sql_name(self.called)
        if self.field_type == "datetime" and not self.is_id:
            return self._iso()
        if self.type in _NUMBERS:
            return f"case when isfinite({value}) then {value} end"
        is_kept = _is_nested(self.type) or (self.type.endswith("]") and not self._has_numbers())
        return value if is_kept and not self.is_id else self.parquet()

    def _iso(self) -> str:
        zone = "Z" if self.type == INSTANT else ""
        return f"strftime({self._in_utc()}, '%Y-%m-%dT%H:%M:%S.%f{zone}')"

    def _in_utc(self) -> str:
        value = sql_name(self.called)
        return f"{value} at time zone 'UTC'" if self.type == INSTANT else value

    def _neutral_text(self, *, for_excel: bool) -> str:
        written = _neutral(self._text())
        return f"case when {self.is_too_long()} then {_cut(written)} else {written} end" if for_excel else written

    def is_too_long(self) -> str:
        """SQL for whether the value is a text that a cell of Excel cannot hold; false for a missing value."""
        if self.is_id or self.field_type != "string" or self._has_numbers():
            return "false"
        # Hardly any text is long; the others are not measured, because that is slow.
        is_long = f"length({self._text()}) > {LONGEST_CELL // 4}"
        return f"case when {is_long} then {_units(_neutral(self._text()))} > {LONGEST_CELL} else false end"

    def _has_numbers(self) -> bool:
        item = self.type.rstrip("[]0123456789")
        return item in _INTEGERS | _NUMBERS or item.startswith("DECIMAL")

    def _text(self) -> str:
        value = sql_name(self.called)
        if self.type.endswith("[]"):
            return f"array_to_string(cast({value} as varchar[]), '{SEPARATOR}')"
        return f"cast(to_json({value}) as varchar)" if _is_nested(self.type) else f"cast({value} as varchar)"


def is_id(name: str, type_: str) -> bool:
    """Whether a column contains ids, which are not numbers to calculate with."""
    return (name == "id" or name.endswith("_id")) and (type_ in _INTEGERS or type_ == "VARCHAR")


def is_integer(type_: str) -> bool:
    """Whether a column of this type can contain numbers that other programs round."""
    return type_ in _INTEGERS


def neutral(text: str) -> str:
    """A text that no spreadsheet runs as a formula; the same as in CSV, for values in Python."""
    return re.sub(_BREAK, r"'\1", re.sub(_FORMULA, r"\1'\2", text))


def _neutral(sql: str) -> str:
    formula, line_break = sql_text(_FORMULA), sql_text(_BREAK)
    return f"regexp_replace(regexp_replace({sql}, {formula}, '\\1''\\2', 'g'), {line_break}, '''\\1')"


def _units(sql: str) -> str:
    """SQL for the length of a text in UTF-16."""
    return f"length({sql}) + length(regexp_replace({sql}, '[^\\x{{10000}}-\\x{{10FFFF}}]', '', 'g'))"


def _cut(sql: str) -> str:
    """SQL for the longest beginning that certainly fits, and a sign that more follows."""
    whole = f"left({sql}, {LONGEST_CELL - 1})"
    return f"case when {_units(whole)} < {LONGEST_CELL} then {whole} else left({sql}, {LONGEST_CELL // 2}) end || '…'"


def _is_nested(type_: str) -> bool:
    return type_.startswith(("STRUCT", "MAP", "UNION")) or type_ == "JSON"
