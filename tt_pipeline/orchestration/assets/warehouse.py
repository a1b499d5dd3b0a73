"""The warehouse assets: load landed pages, then publish. They have no partitions, because they load everything new."""

from collections.abc import Sequence

import dagster as dg

from tt_pipeline.codebook.datasets import GROUPS, LOADED, SOCIAL
from tt_pipeline.ingestion import load_landed, publish_warehouse, write_ops_tables
from tt_pipeline.orchestration.names import (
    OPS,
    OWNERS,
    PUBLISHED,
    WAREHOUSE,
    WRITER_POOL,
    key_of,
    warehouse_key,
)
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.warehouse import LoadReport


def warehouse_assets(searches: Sequence[dg.AssetKey], lists: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """One asset for each group of tables."""
    several = {"videos": list(searches), SOCIAL: list(lists)}
    return [_warehouse_asset(group, several.get(group, [key_of(group)])) for group in GROUPS]


def _warehouse_asset(group: str, deps: list[dg.AssetKey]) -> dg.AssetsDefinition:
    datasets = [row.dataset for row in LOADED if row.group == group]

    @dg.asset(
        key=warehouse_key(group),
        description=GROUPS[group],
        deps=deps,
        group_name=WAREHOUSE,
        kinds={"duckdb", "polars"},
        owners=OWNERS,
        pool=WRITER_POOL,
    )
    def tables(
        context: dg.AssetExecutionContext, collector: dg.ResourceParam[CollectorResource]
    ) -> dg.MaterializeResult[None]:
        with collector.workspace() as workspace:
            loaded = load_landed(workspace, *datasets)
        for load_id, problem in loaded.failures.items():
            context.log.error("file not loaded: load=%s: %s", load_id, problem)
        return dg.MaterializeResult(metadata=_metadata(loaded))

    return tables


def _metadata(loaded: LoadReport) -> dict[str, int]:
    new = {f"new_rows {table}": rows for table, rows in loaded.rows.items()}
    odd = {"rejected": loaded.rejected, "duplicates": loaded.duplicates, "strays": loaded.strays}
    return {"files_loaded": len(loaded.loaded), "files_not_loaded": len(loaded.failures), **odd, **new}


@dg.asset(
    key=OPS,
    deps=[warehouse_key(group) for group in GROUPS],
    group_name=WAREHOUSE,
    kinds={"duckdb"},
    owners=OWNERS,
    pool=WRITER_POOL,
)
def warehouse_ops(collector: dg.ResourceParam[CollectorResource]) -> dg.MaterializeResult[None]:
    """Tables about the collection: coverage of each search and day, of comments and of accounts, and every request."""
    with collector.workspace() as workspace:
        rows = write_ops_tables(workspace)
    return dg.MaterializeResult(metadata={f"rows {table}": count for table, count in rows.items()})


@dg.asset(key=PUBLISHED, deps=[OPS], group_name=WAREHOUSE, kinds={"duckdb"}, owners=OWNERS, pool=WRITER_POOL)
def published_warehouse(collector: dg.ResourceParam[CollectorResource]) -> dg.MaterializeResult[None]:
    """The file that analysts open read-only, data/warehouse.duckdb; each publication replaces the whole file."""
    with collector.workspace() as workspace:
        published = publish_warehouse(workspace)
    return dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(published.published)),
            "bytes": published.bytes,
            **{f"rows {table}": rows for table, rows in published.rows.items()},
        }
    )
