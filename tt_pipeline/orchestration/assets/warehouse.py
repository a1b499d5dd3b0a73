"""The warehouse assets: load landed pages, then publish. They have no partitions, because they load everything new."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from tt_pipeline.codebook.datasets import GROUPS, LOADED, SOCIAL
from tt_pipeline.ingestion import load_landed, publish_warehouse, stored_rows, write_ops_tables
from tt_pipeline.orchestration.charts import day_bars
from tt_pipeline.orchestration.names import (
    OPS,
    OWNERS,
    PUBLISH,
    PUBLISHED,
    WAREHOUSE,
    key_of,
    warehouse_key,
)
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.warehouse import TABLES_OF, LoadReport, Table


def warehouse_assets(
    searches: Sequence[dg.AssetKey], lists: Sequence[dg.AssetKey], pool: str
) -> list[dg.AssetsDefinition]:
    """One asset for each group of tables."""
    several = {"videos": list(searches), SOCIAL: list(lists)}
    return [_warehouse_asset(group, several.get(group, [key_of(group)]), pool) for group in GROUPS]


def _warehouse_asset(group: str, deps: list[dg.AssetKey], pool: str) -> dg.AssetsDefinition:
    datasets = [row.dataset for row in LOADED if row.group == group]

    @dg.asset(
        key=warehouse_key(group),
        description=GROUPS[group],
        deps=deps,
        group_name=WAREHOUSE,
        kinds={"duckdb", "polars"},
        owners=OWNERS,
        metadata=_columns(group),
        pool=pool,
    )
    def tables(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.workspace() as workspace:
            loaded = load_landed(workspace, *datasets)
            rows = stored_rows(workspace, group)
        for load_id, problem in loaded.failures.items():
            context.log.error("file not loaded: load=%s: %s", load_id, problem)
        return dg.MaterializeResult(metadata=_counts(rows) | _of_load(loaded))

    return tables


def _columns(group: str) -> dict[str, Any]:
    """The columns of the group's tables; those of the first, which most people want, where Dagster expects them."""
    first, *others = [table for table in TABLES_OF[group] if table.is_stored]
    return {
        "dagster/table_name": first.full_name,
        "dagster/column_schema": _schema(first),
        **{table.full_name: dg.MetadataValue.table_schema(_schema(table)) for table in others},
    }


def _schema(table: Table) -> dg.TableSchema:
    columns = [dg.TableColumn(each.name, each.type.value, description=each.comment) for each in table.columns]
    return dg.TableSchema(columns=columns)


def _counts(rows: Mapping[str, int]) -> dict[str, int]:
    """The rows of each table; those of the first where Dagster expects them. An empty table is left out."""
    first, *others = rows
    return {"dagster/row_count": rows[first], **{f"rows {table}": rows[table] for table in others if rows[table]}}


def _of_load(loaded: LoadReport) -> dict[str, int]:
    """What this run has loaded; numbers that are 0 would plot as flat lines."""
    odd = {"rejected": loaded.rejected, "duplicates": loaded.duplicates, "strays": loaded.strays}
    numbers = {"files_loaded": len(loaded.loaded), "files_not_loaded": len(loaded.failures), **odd}
    return {name: number for name, number in numbers.items() if number}


def ops_asset(pool: str) -> dg.AssetsDefinition:
    """The tables about the collection."""

    @dg.asset(
        key=OPS,
        description="Tables about the collection: coverage of each search and day, of comments and of accounts, and"
        " every request.",
        deps=[warehouse_key(group) for group in GROUPS],
        group_name=PUBLISH,
        kinds={"duckdb"},
        owners=OWNERS,
        metadata=_columns("ops"),
        pool=pool,
    )
    def warehouse_ops(collector: dg.ResourceParam[CollectorResource]) -> dg.MaterializeResult[None]:
        with collector.workspace() as workspace:
            write_ops_tables(workspace)
            rows = stored_rows(workspace, "ops")
        return dg.MaterializeResult(metadata=_counts(rows))

    return warehouse_ops


def published_asset(expected_within: timedelta | None, pool: str) -> dg.AssetsDefinition:
    """The published file.

    Args:
        expected_within: After how long without a publication the UI shows it as late; None for never.
        pool: Of the runs that write to the warehouse.
    """
    late = (
        dg.FreshnessPolicy.time_window(fail_window=2 * expected_within, warn_window=expected_within)
        if expected_within
        else None
    )

    @dg.asset(
        key=PUBLISHED,
        deps=[OPS],
        group_name=PUBLISH,
        kinds={"duckdb"},
        owners=OWNERS,
        pool=pool,
        freshness_policy=late,
    )
    def published_warehouse(collector: dg.ResourceParam[CollectorResource]) -> dg.MaterializeResult[None]:
        """The file that analysts open read-only, data/warehouse.duckdb; each publication replaces the whole file."""
        with collector.workspace() as workspace:
            published = publish_warehouse(workspace)
            coverage = workspace.coverage()
            days = coverage.landed.videos_by_day
            videos = {day: sum(coverage.comments.note(day).counts.values()) for day in days}
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(published.published.resolve())),
                "bytes": published.bytes,
                "videos_by_day": dg.MetadataValue.md(day_bars(videos, "video")),
                "rows": _rows_by_table(published.rows),
                **{name: published.rows[f"core.{name}"] for name in ("videos", "comments", "users")},
                **{f"copy in {name}": problem or "published" for name, problem in published.targets.items()},
            }
        )

    return published_warehouse


def _rows_by_table(rows: Mapping[str, int]) -> dg.TableMetadataValue:
    schema = dg.TableSchema([dg.TableColumn("table"), dg.TableColumn("rows", "int")])
    return dg.MetadataValue.table(
        [dg.TableRecord({"table": table, "rows": count}) for table, count in rows.items()], schema
    )
