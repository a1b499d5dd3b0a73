"""The warehouse assets: load what has landed, then publish it; not partitioned, because they take whatever is new."""

from collections.abc import Sequence
from typing import Final

import dagster as dg

from tt_pipeline.ingestion.delivery import load_landed, publish
from tt_pipeline.orchestration.names import COMMENTS, OWNERS, PUBLISHED, USERS, WAREHOUSE, WRITER_POOL, warehouse_key
from tt_pipeline.orchestration.resources import Workplace
from tt_pipeline.vocabulary import Dataset

_MEANINGS: Final = {
    Dataset.VIDEOS: "Videos with their snapshots, hashtags, mentions, effects, stickers, and which search found them.",
    Dataset.COMMENTS: "Comments with their snapshots.",
    Dataset.USERS: "Creators: the latest profile, and every look at it.",
}


def warehouse_assets(searches: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """One asset per group of tables."""
    upstream = {Dataset.VIDEOS: list(searches), Dataset.COMMENTS: [COMMENTS], Dataset.USERS: [USERS]}
    return [_warehouse_asset(dataset, upstream[dataset]) for dataset in _MEANINGS]


def _warehouse_asset(dataset: Dataset, deps: list[dg.AssetKey]) -> dg.AssetsDefinition:
    @dg.asset(
        key=warehouse_key(dataset.value),
        description=_MEANINGS[dataset],
        deps=deps,
        group_name=WAREHOUSE,
        kinds={"duckdb", "polars"},
        owners=OWNERS,
        pool=WRITER_POOL,
    )
    def tables(context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]) -> dg.MaterializeResult:
        with workplace.books() as books:
            loaded = load_landed(books, dataset)
        context.log.info("loaded: dataset=%s files=%d rows=%s", dataset, loaded.files, loaded.rows)
        return dg.MaterializeResult(
            metadata={"files_loaded": loaded.files, **{f"rows {t}": n for t, n in loaded.rows.items()}}
        )

    return tables


@dg.asset(
    key=PUBLISHED,
    deps=[warehouse_key(dataset.value) for dataset in _MEANINGS],
    group_name=WAREHOUSE,
    kinds={"duckdb"},
    owners=OWNERS,
    pool=WRITER_POOL,
)
def published_warehouse(
    context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
) -> dg.MaterializeResult:
    """The file that analysts open, read-only: data/warehouse.duckdb, replaced as a whole."""
    with workplace.books() as books:
        published = publish(books)
    context.log.info("published: %s", published.path)
    return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(str(published.path)), "bytes": published.bytes})
