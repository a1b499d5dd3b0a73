"""SQL expressions that write the values of a column so that every program reads the same values.

Ids become text, because they exceed 2^53. In CSV a list becomes one text, an instant becomes ISO 8601 in UTC, and a
text that a spreadsheet would run as a formula gets an apostrophe in front.
"""

import re
from dataclasses import dataclass
from typing import Final

SEPARATOR: Final = "; "
_STARTS_A_FORMULA: Final = "=+@\\-\t\r\n\uff1d\uff0b\uff0d\uff20"  # the full-width forms start formulas too
# Texts with apostrophes before such a character get one more, so that removing one always restores the text.
_DANGEROUS: Final = f"^('*[{_STARTS_A_FORMULA}])"
_INTEGERS: Final = frozenset("TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT".split())
_NUMBERS: Final = frozenset({"DOUBLE", "FLOAT"})


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
        if self.type in _NUMBERS or self.type.startswith("DECIMAL"):
            return "number"
        kinds = {"BOOLEAN": "boolean", "DATE": "date"}
        return "datetime" if self.type.startswith("TIMESTAMP") else kinds.get(self.type, "string")

    def parquet(self) -> str:
        """SQL for the value in Parquet; lists stay lists."""
        value = _quoted(self.called)
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
        value = _quoted(self.called)
        if self.is_id:
            written = f"cast({value} as varchar)"
            if for_excel:
                return f"'''' || {written}"
            return written if self.type in _INTEGERS else _neutral(written)  # a text can contain anything
        if self.type == "HUGEINT":
            return f"cast({value} as bigint)"
        if self.field_type == "datetime":
            zone = "Z" if self.type == "TIMESTAMP WITH TIME ZONE" else ""
            plain = f"{value} at time zone 'UTC'" if zone else value
            return f"strftime({plain}, '%Y-%m-%dT%H:%M:%S.%f{zone}')"
        return _neutral(self._text()) if self.field_type == "string" else value

    def _text(self) -> str:
        value = _quoted(self.called)
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
    return re.sub(_DANGEROUS, r"'\1", text)


def _neutral(sql: str) -> str:
    pattern = _DANGEROUS.replace("'", "''")
    return f"regexp_replace({sql}, '{pattern}', '''\\1')"


def _is_nested(type_: str) -> bool:
    return type_.startswith(("STRUCT", "MAP", "UNION")) or type_ == "JSON"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
