"""Lists every handle of a published file, and the words of the export itself, which can be handles by chance."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import duckdb

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.reports.exports.networks import MEANINGS, NETWORKS
from tt_pipeline.reports.exports.workbook import CODEBOOK_HEAD, notes_of
from tt_pipeline.reports.pseudonymous.folding import folded
from tt_pipeline.reports.pseudonymous.handles import Handles
from tt_pipeline.sql_text import sql_name
from tt_pipeline.vocabulary import REGION_CODES, ConditionField, ExportFormat
from tt_pipeline.warehouse import CHECKS, SIMULATOR, TABLES, Table, caveat_of, data_dictionary, warehouse_package

_RUN: Final = re.compile(r"[\w.]+")
_FIXED: Final = """\
bytes hash created missingValues called checksums.sha256 datapackage.json data-dictionary.csv file column meaning API
field privacy text csv application vnd.apache.parquet parquet encoding utf-8 mediatype Export Result of a query Column
pseudonymous accounts ids key_fingerprint kept hidden note with HMAC-SHA256 warehouse made_by tt_pipeline failed_checks
Written by at data was published latest answer of API in it is from Source check failed No check Pseudonymous have
pseudonyms Caveat Columns _local time when clocks are set back an hour comes twice What must be deleted has to from this
copy too sheet explains as a local without its zone seconds UTC day true or false number never empty called tables
A network edge leads account that acts edges no direction Begin End search direction texts were cut characters because
cell cannot hold more sign place xl string integer boolean date datetime
spreadsheet sheetName categories Microsoft Excel Worksheets Networks NetworkX graphml gexf directed undirected account
hashtag node edge source target weight label codebook notes application/x-stata-dta application/x-spss-sav jsonl sqlite3
vnd.openxmlformats-officedocument.spreadsheetml.sheet vnd.sqlite3 gexf+xml graphml+xml
api_base_url published_at last_fetched_at https open.tiktokapis.com http database table dialect version license
"""
"""Words of descriptions that no module of the catalog writes."""


def handles_in(connection: duckdb.DuckDBPyConnection) -> Handles:
    """Every handle in the tables of a published file, and those that its queries name."""
    sql = "select distinct schema_name || '.' || table_name from duckdb_columns() where not internal"
    published = {name for (name,) in connection.execute(sql).fetchall()}
    # Views have the handles of their tables.
    tables = [table for name, table in TABLES.items() if name in published and table.is_stored]
    found = {username for table in tables for username in _of_table(connection, table)}
    return Handles(found | set(_of_queries(connection) if "ops.searches" in published else ()))


@cache
def own_words() -> frozenset[str]:
    """The folded words of the export itself: names of tables and columns, statuses, country codes, descriptions.

    A handle that is one of them cannot be told from it, and shows nothing.
    """
    checks = (
        text for check in CHECKS for text in (check.name, check.means, check.says, check.says_of_a_search, check.remedy)
    )
    texts = [
        data_dictionary(),
        json.dumps([warehouse_package(), SIMULATOR]),
        _FIXED,
        *(caveat_of(name) for name in TABLES),
        *MEANINGS.values(),
        *(network.title for network in NETWORKS.values()),
        *CODEBOOK_HEAD,
        *notes_of({}),
        *ExportFormat,
        *REGION_CODES,
        *checks,
    ]
    runs = {run for text in texts for run in _RUN.findall(folded(str(text)))}
    return frozenset(runs | {part for run in runs for part in run.split(".")})


def _of_table(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[str]:
    for column in table.columns:
        if column.privacy is Privacy.IDENTIFYING:
            name = sql_name(column.name)
            sql = f"select distinct {name} from {table.full_name} where {name} is not null"
            yield from (str(value) for (value,) in connection.execute(sql).fetchall())


def _of_queries(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    sql = "select distinct query from ops.searches where query is not null"
    for (query,) in connection.execute(sql).fetchall():
        yield from _usernames(json.loads(query))


def _usernames(query: Any) -> Iterator[str]:
    groups = query.values() if isinstance(query, dict) else ()
    for condition in (each for group in groups if isinstance(group, list) for each in group):
        if isinstance(condition, dict) and condition.get("field_name") == ConditionField.USERNAME:
            yield from (str(value) for value in condition.get("field_values", ()))
