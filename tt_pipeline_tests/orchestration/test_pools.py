"""The pools of studies with different client keys never limit each other where an instance may be shared."""

from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.dagster_home import SETTINGS
from tt_pipeline.orchestration.names import Pools, pools_of
from tt_pipeline.orchestration.valve import close_valve, is_open, reconcile_valve
from tt_pipeline.quota import key_fingerprint
from tt_pipeline.settings import Settings
from tt_pipeline.studies import read_study
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.orchestration.test_valve import NOON, limits, opened, spend

STUDY = """\
study: Pools
start: 2026-10-01
searches: {climate: {hashtags: [climate]}}
accounts: {usernames: [tagesschau], lists: [followers, pinned]}
"""
USUAL = {"tiktok_main", "tiktok_social", "duckdb_writer"}


def pools(folder: Path, **settings: str) -> set[str]:
    """The pools of the assets of a study."""
    (folder / "study.yaml").write_text(STUDY)
    given = Settings.model_validate({"data_dir": folder, "client_key": "key-1", **settings})
    graph = build_definitions(given, read_study(given.study_file)).resolve_asset_graph()
    return {pool for node in graph.asset_nodes for pool in node.pools or ()}


@pytest.mark.parametrize("ledger", ["", "shared.sqlite"])
def test_a_ledger_in_a_file_keeps_the_usual_names(tmp_path: Path, ledger: str) -> None:
    """Whatever the key is: such an instance is on one machine and serves one data dir."""
    given = {"ledger": str(tmp_path / ledger)} if ledger else {}
    assert pools(tmp_path, **given) == pools(tmp_path, **given, client_key="key-2") == USUAL


def test_a_ledger_in_a_database_has_pools_for_each_key(tmp_path: Path) -> None:
    """Each name ends with the beginning of the key's fingerprint."""
    first, second = (pools(tmp_path, ledger="postgresql://db/tt", client_key=key) for key in ("key-1", "key-2"))

    assert first == {f"{pool}_{key_fingerprint('key-1')[:8]}" for pool in USUAL}
    assert first.isdisjoint(second)


def test_the_valve_of_a_key_leaves_the_pools_of_others(tmp_path: Path) -> None:
    """One key's quota is used up, or its study cannot be read; runs of the other key may still start."""
    first, second = Pools("_aaaaaaaa"), Pools("_bbbbbbbb")
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()
    with (
        dg.DagsterInstance.local_temp(str(tmp_path), overrides={"concurrency": SETTINGS["concurrency"]}) as instance,
        opened(folders[0], FrozenClock(NOON)) as one,
        opened(folders[1], FrozenClock(NOON)) as other,
    ):
        spend(one, 10)
        reconcile_valve(one, instance, first)
        reconcile_valve(other, instance, second)
        assert {name: limit for name, limit in limits(instance).items() if limit == 0} == {first.of(Bucket.MAIN): 0}
        assert (is_open(instance, first.of(Bucket.MAIN)), is_open(instance, second.of(Bucket.MAIN))) == (False, True)

        close_valve(instance, first)
        shut = {name for name, limit in limits(instance).items() if limit == 0}
        assert shut == set(first.every)
        # A pool whose limit nobody has set yet has the one of the instance.
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1


def test_the_pools_follow_from_the_settings_alone() -> None:
    """Every process of a data dir finds the same names, without the instance."""
    settings = Settings.model_validate({"ledger": "postgresql://user:secret@db/tt", "client_key": "key-1"})
    assert pools_of(settings) == Pools(f"_{key_fingerprint('key-1')[:8]}")
    assert pools_of(Settings(client_key=settings.client_key)) == Pools()
