"""The code location loads, has the documented assets, and reads only settings and study at import."""

import importlib
import sys
import tomllib
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster._serdes import serialize_value
from syrupy.assertion import SnapshotAssertion

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ForeignInstance, StudyError
from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.dagster_home import SETTINGS, instance_settings, prepare_home
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.orchestration.names import PUBLISHED, videos_key, warehouse_key
from tt_pipeline.settings import Settings
from tt_pipeline.studies import STUDY_TEMPLATE, read_study
from tt_pipeline.vocabulary import LOCATION

ROOT = Path(__file__).parents[2]


STUDY = """\
study: Late
start: 2026-10-01
{end}
searches: {{climate: {{hashtags: [climate]}}}}
"""
ACCOUNTS = """\
accounts:
  usernames: [tagesschau]
  top_creators: {search: climate}
  lists: [followers, pinned]
"""


def definitions_of(folder: Path, study: str) -> dg.Definitions:
    """The definitions of a study text."""
    (folder / "study.yaml").write_text(study)
    settings = Settings(data_dir=folder)
    return build_definitions(settings, read_study(settings.study_file))


@pytest.fixture
def definitions(tmp_path: Path) -> dg.Definitions:
    """The definitions of the study that `tt init` writes."""
    return definitions_of(tmp_path, STUDY_TEMPLATE)


def nodes(definitions: dg.Definitions) -> dict[str, dict[str, object]]:
    """The parts of each asset that others rely on."""
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
    """Keys, dependencies, groups, pools and checks are an interface, so a change must be explained."""
    assert nodes(definitions) == snapshot


def test_the_assets_of_accounts(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """Lists are assets if a study has them, each in the pool of its quota, and the warehouse depends on them."""
    definitions = definitions_of(tmp_path, STUDY_TEMPLATE + ACCOUNTS)
    shown = nodes(definitions)

    dg.Definitions.validate_loadable(definitions)
    assert {key: shown[key] for key in shown if "social" in key} == snapshot


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Dagster calls its own deprecated functions
def test_everything_loads_as_the_server_would_load_it(definitions: dg.Definitions) -> None:
    """No partition mapping, job or check is invalid, and all metadata can be sent to the UI."""
    dg.Definitions.validate_loadable(definitions)
    assert serialize_value(RepositorySnap.from_def(definitions.get_repository_def()))


def test_schedules_and_sensors_run_by_default(definitions: dg.Definitions) -> None:
    """Schedule and sensors need no switch."""
    repository = definitions.get_repository_def()

    assert {s.name: s.default_status.value for s in repository.schedule_defs} == {
        "daily": "RUNNING",
        "refresh_daily": "RUNNING",
    }
    assert {s.name: s.default_status.value for s in repository.sensor_defs} == {
        "quota": "RUNNING",
        "publish_what_was_collected": "RUNNING",
        "report_of_the_day": "RUNNING",
        "old_runs": "RUNNING",
        "alerts": "RUNNING",
        "alerts_after_failure": "RUNNING",
    }


def load() -> dg.Definitions:
    """Import the module as in a new process."""
    sys.modules.pop("tt_pipeline.definitions", None)
    module = importlib.import_module("tt_pipeline.definitions")
    loaded: dg.Definitions = module.defs
    return loaded


def test_without_a_study_the_graph_says_what_to_do() -> None:
    """There is one asset, whose description is the next step."""
    (node,) = load().resolve_asset_graph().asset_nodes

    assert node.key.to_user_string() == "write_a_study_first"
    assert "run `tt init`" in (node.description or "")


def test_a_broken_study_is_a_readable_error(tmp_path: Path) -> None:
    """The error of the code location has file and line, as in Dagster's UI."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "study.yaml").write_text(STUDY_TEMPLATE.replace("hashtags:", "hashtag:"))

    with pytest.raises(StudyError, match=r"data/study.yaml:\d+: searches.climate.hashtag"):
        load()


def test_plain_dagster_dev_has_the_same_settings() -> None:
    """The root's dagster.yaml has the settings of a data dir but no folder: TT_DATA_DIR decides."""
    written = yaml.safe_load((ROOT / "dagster.yaml").read_text())

    assert {key: written[key] for key in SETTINGS} == SETTINGS
    assert set(written) == set(instance_settings(Path("data/internal/dagster")))


def test_plain_dagster_dev_has_the_same_code_location() -> None:
    """Dagster stores the state of schedules and sensors under this name."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]

    assert tools["dagster"] == {"module_name": LOCATION, "code_location_name": LOCATION}
    assert tools["dg"]["project"]["code_location_target_module"] == LOCATION
    assert tools["dg"]["project"]["code_location_name"] == LOCATION
    (in_workspace,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    assert in_workspace["python_module"]["module_name"] == LOCATION
    assert in_workspace["python_module"]["location_name"] == LOCATION


def test_tables_have_their_columns(definitions: dg.Definitions) -> None:
    """The UI shows the columns of the catalog with what they mean, before anything is loaded."""
    node = definitions.resolve_asset_graph().get(warehouse_key("videos"))
    columns = {column.name: column for column in node.metadata["dagster/column_schema"].columns}

    assert node.metadata["dagster/table_name"] == "core.videos"
    assert columns["video_id"].type == "BIGINT"
    assert columns["video_id"].description


def test_every_asset_says_whose_it_is_and_where_to_read_on(definitions: dg.Definitions) -> None:
    """Owner, kinds and description; a collecting asset also has its quota, study, TikTok's page and price."""
    for node in definitions.resolve_asset_graph().asset_nodes:
        assert node.owners
        assert node.kinds
        assert node.description
        if node.group_name == "collect":
            assert node.tags["quota"] == "main"
            assert {"study", "tiktok_docs"} <= node.metadata.keys()
            assert "price" in node.description


def test_a_search_has_the_fingerprint_of_its_query(tmp_path: Path) -> None:
    """Dagster says of days of another query that their code version differs."""
    definitions = definitions_of(tmp_path, STUDY_TEMPLATE)
    search = read_study(tmp_path / "study.yaml").searches[0]

    assert definitions.resolve_asset_graph().get(videos_key(search.name)).code_version == search.fingerprint[:8]


@pytest.mark.parametrize(("end", "is_late"), [("", True), ("end: 2026-10-30", False)])
def test_the_published_file_is_late_only_while_the_study_goes_on(tmp_path: Path, end: str, *, is_late: bool) -> None:
    """After the last look of its last day nothing is published any more."""
    text = STUDY.format(end=end)
    (tmp_path / "study.yaml").write_text(text)
    settings = Settings(data_dir=tmp_path, clock="2026-11-20T12:00:00+00:00@1")
    definitions = build_definitions(settings, read_study(settings.study_file))

    assert bool(definitions.resolve_asset_graph().get(PUBLISHED).freshness_policy_or_from_metadata) is is_late


def test_every_check_says_what_green_means(definitions: dg.Definitions) -> None:
    """A person who sees a green mark knows what is well."""
    specs = [spec for checks in definitions.asset_checks or () for spec in checks.check_specs]

    assert len(specs) > 10
    assert [spec.name for spec in specs if not (spec.description or "").startswith("Green: ")] == []


def test_plain_dagster_dev_follows_the_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The storage is that of `tt up`, for any TT_DATA_DIR and any working directory."""
    monkeypatch.setenv("TT_DATA_DIR", str(tmp_path / "elsewhere"))
    files = DataDir(tmp_path / "elsewhere")
    plain = InstanceRef.from_dir(str(tmp_path), config_dir=str(ROOT))
    with dg.DagsterInstance.from_ref(plain) as instance:
        plain_run = instance.add_run(dg.DagsterRun(job_name="collect"))
        folder = instance.root_directory
    with open_instance(files) as instance:
        runs = [run.run_id for run in instance.get_runs()]

    assert runs == [plain_run.run_id]
    assert folder == str(files.dagster)
    assert not (tmp_path / "data").exists()


def test_plain_dagster_dev_refuses_a_data_dir_with_another_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runs of the data dir are in a DAGSTER_HOME with other settings."""
    monkeypatch.setenv("TT_DATA_DIR", str(tmp_path / "data"))
    prepare_home(DataDir(tmp_path / "data"), tmp_path / "home")
    plain = InstanceRef.from_dir(str(tmp_path), config_dir=str(ROOT))

    with pytest.raises(ForeignInstance, match=f"Set DAGSTER_HOME={tmp_path / 'home'}"):
        dg.DagsterInstance.from_ref(plain)


def test_definitions_refuse_another_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code location fails with a message that names both instances."""
    (tmp_path / "data" / "internal" / "dagster").mkdir(parents=True)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))

    with pytest.raises(
        ForeignInstance, match=r"DAGSTER_HOME is .*home, but the runs of data are in .*internal/dagster"
    ):
        load()
