"""Work of Dagster that is measured; in a module of its own, because the other runs are measured without Dagster."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg

from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.settings import read_settings
from tt_pipeline.studies import parse_study, read_study
from tt_pipeline_tests.labs.benchmarks.measuring import Measured, measure, print_measured


def load_definitions(_: Path) -> Measured:
    """Make Dagster's definitions of a study with 500 searches, as each process of Dagster does."""
    settings = read_settings()
    searches = "".join(f"  search_{number}: {{hashtags: [tag_{number}]}}\n" for number in range(500))
    study = parse_study(f"study: Many\nstart: 2026-06-01\nsearches:\n{searches}", settings.study_file)

    def work() -> int:
        return len(list(build_definitions(settings, study).resolve_asset_graph().get_all_asset_keys()))

    return measure(work)


def tick(_: Path) -> Measured:
    """One tick of the quota sensor."""
    settings = read_settings()
    definitions = build_definitions(settings, read_study(settings.study_file))
    sensor = definitions.resolve_sensor_def("quota")

    def work() -> int:
        with (
            open_instance(settings.files, dagster_home=settings.dagster_home) as instance,
            dg.build_sensor_context(instance=instance, definitions=definitions) as context,
        ):
            return len(sensor.evaluate_tick(context).run_requests or ())

    return measure(work)


_RUNS: Mapping[str, Callable[[Path], Measured]] = {run.__name__: run for run in (load_definitions, tick)}

if __name__ == "__main__":
    print_measured(_RUNS[sys.argv[1]](Path(sys.argv[2])))
