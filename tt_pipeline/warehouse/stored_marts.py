"""Views that would keep their readers waiting become tables of the published file.

Which they are stands in the catalog (`Loading.PUBLISHED`); why, and what was measured, in
docs/decisions/0001-marts-as-tables.md. The writer's file keeps them as views, so that nothing in it can be behind.
"""

from pathlib import Path

import duckdb

from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline.warehouse.catalog.ddl import table_from_view
from tt_pipeline.warehouse.writer import CONFIG


def store_slow_views(copy: Path) -> None:
    """Give a copy of the writer's file, which nobody else has open, the tables that the catalog promises to readers."""
    with duckdb.connect(copy, config=CONFIG) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.begin()  # or each comment would be brought to the disk alone
        for table in TABLES.values():
            if table.loading is Loading.PUBLISHED:
                for sql in table_from_view(table):
                    connection.execute(sql)
        connection.commit()
        connection.execute("checkpoint")
