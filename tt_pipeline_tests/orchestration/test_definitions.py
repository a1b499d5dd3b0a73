"""The code location loads, shows what it should, and reads at import nothing but settings and study."""

import importlib
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tt_pipeline.errors import StudyError
from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.dagster_home import instance_settings
from tt_pipeline.settings import Settings
from tt_pipeline.studies import STUDY_TEMPLATE, read_study

ROOT = Path(__file__).parents[2]


ACCOUNTS = """\
accounts:
  usernames: [tagesschau]
  top_creators: {search: climate}
  lists: [followers, pinned]
"""


def definitions_of(folder: Path, study: str) -> dg.Definitions:
    """Of a study as it is written."""
    (folder / "study.yaml").write_text(study)
    settings = Settings(data_dir=folder)
    return build_definitions(settings, read_study(settings.study_file))


@pytest.fixture
def definitions(tmp_path: Path) -> dg.Definitions:
    """Of the study that `tt init` writes."""
    return definitions_of(tmp_path, STUDY_TEMPLATE)


def nodes(definitions: dg.Definitions) -> dict[str, dict[str, object]]:
    """What others rely on of each asset."""
    graph = definitions.resolve_asset_graph()
    return {
        node.key.to_user_string(): {
            "deps": sorted(key.to_user_string() for key in node.parent_keys),
            "group": node.group_name,
            "pools": sorted(node.pools or ()),
            "partitions": type(node.partitions_def).__name__ if node.partitions_def else None,
            "checks": sorted(check.name for check in node.check_keys),
        }
        for node in graph.asset_nodes
    }


def test_the_asset_graph(definitions: dg.Definitions, snapshot: SnapshotAssertion) -> None:
    """Keys, dependencies, groups, pools and checks are an interface."""
    assert nodes(definitions) == snapshot


def test_the_assets_of_accounts(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """Lists are assets where a study asks for them, each in the pool of its quota, and the warehouse waits for them."""
    definitions = definitions_of(tmp_path, STUDY_TEMPLATE + ACCOUNTS)
    shown = nodes(definitions)

    dg.Definitions.validate_loadable(definitions)
    assert {key: shown[key] for key in shown if "social" in key} == snapshot


def test_everything_loads_as_the_server_would_load_it(definitions: dg.Definitions) -> None:
    """No partition mapping, job or check is invalid."""
    dg.Definitions.validate_loadable(definitions)


def test_what_is_safe_runs_by_default(definitions: dg.Definitions) -> None:
    """Nobody has to find a switch for the schedule and the sensors."""
    repository = definitions.get_repository_def()

    assert {s.name: s.default_status.value for s in repository.schedule_defs} == {"daily": "RUNNING"}
    assert {s.name: s.default_status.value for s in repository.sensor_defs} == {
        "quota": "RUNNING",
        "publish_after_success": "RUNNING",
        "publish_after_failure": "RUNNING",
        "publish_after_canceled": "RUNNING",
        "publish_again": "RUNNING",
    }


def load() -> dg.Definitions:
    """Import the module as a new process would."""
    sys.modules.pop("tt_pipeline.definitions", None)
    module = importlib.import_module("tt_pipeline.definitions")
    loaded: dg.Definitions = module.defs
    return loaded


def test_without_a_study_the_graph_says_what_to_do() -> None:
    """One asset, whose description is the next step."""
    (node,) = load().resolve_asset_graph().asset_nodes

    assert node.key.to_user_string() == "write_a_study_first"
    assert "run `tt init`" in (node.description or "")


def test_a_broken_study_is_a_readable_error(tmp_path: Path) -> None:
    """The code location fails with file and line, as Dagster's UI shows it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "study.yaml").write_text(STUDY_TEMPLATE.replace("hashtags:", "hashtag:"))

    with pytest.raises(StudyError, match=r"data/study.yaml:\d+: searches.climate.hashtag"):
        load()


def test_plain_dagster_dev_has_the_same_settings() -> None:
    """The root's dagster.yaml says what the product writes into a data dir, for the folder `data`."""
    written = yaml.safe_load((ROOT / "dagster.yaml").read_text())

    assert written == instance_settings(Path("data/internal/dagster"))
