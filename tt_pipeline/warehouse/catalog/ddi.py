"""Describes tables of the catalog as a codebook of the Data Documentation Initiative (DDI), for archives and catalogs.

Source: https://ddialliance.org/Specification/DDI-Codebook/2.5/ (version 2.5)
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.codebook.statuses import meanings_listed_in
from tt_pipeline.warehouse.catalog.datapackage import SOURCE, title_of
from tt_pipeline.warehouse.catalog.model import Column, SqlType, Table

_NAMESPACE: Final = "ddi:codebook:2_5"
_TITLE: Final = "Codebook of warehouse.duckdb: videos, comments and accounts of TikTok's Research API"
_NUMERIC: Final = frozenset({SqlType.BIGINT, SqlType.DOUBLE, SqlType.BOOLEAN})
_CATEGORIES: Final[Mapping[SqlType, str]] = MappingProxyType({SqlType.DATE: "date", SqlType.TIMESTAMPTZ: "time"})
_BOOLEAN: Final = {"true": "yes", "false": "no"}


def ddi_codebook(tables: Sequence[Table]) -> str:
    """The codebook of tables as XML: a file for each table, a variable for each column."""
    return "".join(f"{line}\n" for line in _lines(tables))


def _lines(tables: Sequence[Table]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<codeBook xmlns="{_NAMESPACE}" version="2.5">'
    citation = f"<citation><titlStmt>{_element('titl', _TITLE)}</titlStmt></citation>"
    yield f"  <docDscr>{citation}</docDscr>"
    yield "  <stdyDscr>"
    yield f"    {citation}"
    yield f"    <stdyInfo>{_element('abstract', ', '.join(('Source: ' + SOURCE['title'], SOURCE['path'])))}</stdyInfo>"
    yield "  </stdyDscr>"
    for number, table in enumerate(tables, start=1):
        content = f"{_element('fileName', table.full_name)}{_element('fileCont', table.comment)}"
        yield f'  <fileDscr ID="F{number}"><fileTxt>{content}</fileTxt></fileDscr>'
    yield "  <dataDscr>"
    for file, table in enumerate(tables, start=1):
        for number, column in enumerate(table.columns, start=1):
            yield from _variable(column, f"F{file}", f"F{file}V{number}")
    yield "  </dataDscr>"
    yield "</codeBook>"


def _variable(column: Column, file: str, number: str) -> Iterator[str]:
    """A variable, with its parts in the order that the schema of DDI requires."""
    is_measured = column.type in {SqlType.BIGINT, SqlType.DOUBLE} and not column.name.endswith("_id")
    interval = "contin" if is_measured else "discrete"
    yield f'    <var ID="{number}" name={quoteattr(column.name)} files="{file}" intrvl="{interval}">'
    yield f"      {_element('labl', title_of(column.name))}"
    if column.privacy is not Privacy.NONE:
        yield f"      {_element('security', f'Privacy class: {column.privacy}')}"
    yield f"      {_element('txt', f'{column.meaning}.')}"
    categories = _BOOLEAN if column.type is SqlType.BOOLEAN else meanings_listed_in(column.meaning)
    for value, meaning in categories.items():
        yield f"      <catgry>{_element('catValu', value)}{_element('labl', meaning)}</catgry>"
    if column.source:
        yield f"      <derivation>{_element('drvdesc', f'Field of the API: {column.source}')}</derivation>"
    kind = "numeric" if column.type in _NUMERIC else "character"
    category = f' category="{_CATEGORIES[column.type]}"' if column.type in _CATEGORIES else ""
    yield f'      <varFormat type="{kind}" schema="other"{category}>{escape(column.type)}</varFormat>'
    missing = column.missing or "never"
    yield f"      {_element('notes', f'Missing: {missing}.')}"
    yield "    </var>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
