from pathlib import Path

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.sql_text import sql_name, sql_text


def test_a_path_with_an_apostrophe_is_one_text() -> None:
    """DuckDB reads the whole path."""
    assert sql_text(Path("/lena's/x")) == "'/lena''s/x'"


@given(st.text(alphabet="a'\" ;\\\n$", min_size=1, max_size=8))
def test_duckdb_reads_the_text_and_the_name_back(text: str) -> None:
    """Quotes of both kinds and line breaks neither end the text nor the name."""
    with duckdb.connect() as connection:
        found = connection.sql(f"select {sql_text(text)} as {sql_name(text)}")
        assert (found.columns, found.fetchall()) == ([text], [(text,)])
