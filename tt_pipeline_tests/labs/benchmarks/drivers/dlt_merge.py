"""dlt into DuckDB, its merge by id: arguments are records, folder, format of load files, nesting of tables."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found]  # lives in the peers' environment alone

from tt_pipeline_tests.labs.benchmarks.measuring import measure, print_measured


def main(records: Path, folder: Path, file_format: str, nesting: int) -> None:
    """Load every page of records; with nesting 0 lists stay JSON, with 1 they become child tables."""

    @dlt.resource(name="videos", primary_key="id", write_disposition="merge", max_table_nesting=nesting)  # type: ignore[untyped-decorator]
    def videos() -> Iterator[Any]:
        with records.open("rb") as pages:
            for page in pages:
                yield json.loads(page)

    def load() -> int:
        pipeline = dlt.pipeline(
            "benchmark",
            pipelines_dir=str(folder),
            destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
            dataset_name="landed",
        )
        pipeline.run(videos(), loader_file_format=file_format)
        return int(pipeline.last_trace.last_normalize_info.row_counts["videos"])

    print_measured(measure(load))


if __name__ == "__main__":
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
