"""Collect TikTok's Research API into a DuckDB warehouse, every day, without wasting a request or losing a row.

The house has eleven rooms, each with one question; docs/house.md lists them. In a notebook:

    import tt_pipeline

    warehouse = tt_pipeline.open()
    warehouse.sql("from marts.videos limit 5")
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing the package costs nothing
    import duckdb


def open(path: str | Path | None = None) -> "duckdb.DuckDBPyConnection":  # noqa: A001 — read as tt_pipeline.open
    """The published warehouse, read-only; it stays the version it was when opened.

    What failed checks found are warnings, one for each row of `ops.check_results` that has not passed.

    Args:
        path: The file, or the data dir it lies in; TT_DATA_DIR, else `data`, unless given.

    Raises:
        UsageError: It is not there, or is no warehouse; the message says what to do.
    """
    import warnings  # noqa: PLC0415 — importing the package costs nothing

    from tt_pipeline.data_dir import DataDir  # noqa: PLC0415 — costs nothing that the others do not
    from tt_pipeline.reports import failed_checks, open_warehouse  # noqa: PLC0415 — needs DuckDB and polars
    from tt_pipeline.settings import read_settings  # noqa: PLC0415 — needs pydantic

    given = read_settings().files.published if path is None else Path(path)
    warehouse = open_warehouse(DataDir(given).published if given.is_dir() else given)
    for message in failed_checks(warehouse):
        warnings.warn(message, stacklevel=2)
    return warehouse
