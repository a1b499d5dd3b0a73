"""The Dagster instance of deploy/dagster.yaml works on a real Postgres."""

from pathlib import Path

import dagster as dg
import psycopg
import pytest
import yaml

from tt_pipeline.orchestration.names import Pools
from tt_pipeline.orchestration.valve import close_valve, is_open
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.distributed.postgres_server import PostgresServer
from tt_pipeline_tests.documents.blocks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.distributed]


@pytest.mark.filterwarnings("ignore")  # the libraries of Celery and Dagster's own tables
def test_it_keeps_runs_and_the_limits_of_pools(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its user, its password from the environment and its scheme; a second process would see the same."""
    with psycopg.connect(server.url("postgres").url, autocommit=True) as connection:
        connection.execute("create role tt login password 'from-the-environment'")
        connection.execute("create database dagster owner tt")
    settings = yaml.safe_load((ROOT / "deploy" / "dagster.yaml").read_text())
    settings["storage"]["postgres"]["postgres_db"] |= {"hostname": "127.0.0.1", "port": server.port}
    settings["compute_logs"]["config"]["base_dir"] = str(tmp_path / "logs")
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(settings))
    monkeypatch.setenv("POSTGRES_PASSWORD", "from-the-environment")
    pools = Pools("_1a2b3c4d")

    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        run = instance.add_run(dg.DagsterRun(job_name="collect"))
        close_valve(instance, pools)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert [each.run_id for each in instance.get_runs()] == [run.run_id]
        assert not is_open(instance, pools.of(Bucket.MAIN))
        assert is_open(instance, Pools().of(Bucket.MAIN))
