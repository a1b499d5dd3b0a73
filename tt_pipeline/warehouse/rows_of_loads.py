"""The query that counts the rows of each load; the audit and a check compare them with the records of its pages."""

from tt_pipeline.codebook.datasets import LOADED, datasets_in


def rows_found(wanted: str = "true") -> str:
    """The query that counts the rows of each load, grain load_id; loads without rows are left out.

    Args:
        wanted: A condition on load_id.
    """
    return " union all ".join(_rows_in(table, wanted) for table in dict.fromkeys(row.table for row in LOADED))


def _rows_in(table: str, wanted: str) -> str:
    names = ", ".join(f"'{dataset}'" for dataset in datasets_in(table))
    # A refused profile is an answer and no record.
    is_record = "where refusal is null" if table == "core.user_snapshots" else ""
    return (
        f"select load_id, count(*) as rows_found from {table}"
        f" semi join (select load_id from ops.loads where dataset in ({names}) and {wanted}) using (load_id)"
        f" {is_record} group by load_id"
    )
