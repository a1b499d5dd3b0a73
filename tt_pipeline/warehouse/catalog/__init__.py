"""Defines every table and column once; SQL, comments in DuckDB, frame schemas and the data dictionary follow from it.

The modules named after subjects define the tables; `ddl.py` and `dictionary.py` write them as SQL and as text.
"""

from tt_pipeline.codebook.fields import Privacy
from tt_pipeline.warehouse.catalog import comments, marts, ops, social, users, videos
from tt_pipeline.warehouse.catalog.model import Column, Loading, SqlType, Table

TABLES: dict[str, Table] = {
    table.full_name: table
    for table in (
        *videos.TABLES,
        *comments.TABLES,
        *users.TABLES,
        *social.TABLES,
        *ops.TABLES,
        *marts.TABLES,
    )
}
"""Every table and view by its full name, in the order of the data dictionary."""

TABLES_OF: dict[str, tuple[Table, ...]] = {
    "videos": videos.TABLES,
    "comments": comments.TABLES,
    "users": users.TABLES,
    "social": social.TABLES,
    "ops": ops.TABLES,
}
"""The tables of each group that is loaded, the most important first."""

__all__ = ["TABLES", "TABLES_OF", "Column", "Loading", "Privacy", "SqlType", "Table"]
