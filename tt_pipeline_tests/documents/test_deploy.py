"""The files of deploy/ fit each other, our settings and Dagster's; nothing of them is started here."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster_celery.executor import celery_executor
from dagster_celery.launcher import CeleryRunLauncher
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import make_url

from tt_pipeline.orchestration.dagster_home import SETTINGS
from tt_pipeline.settings import VARIABLES
from tt_pipeline.vocabulary import LOCATION
from tt_pipeline_tests.documents.blocks import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"code", "web", "daemon", "worker-1", "worker-2"}
OF_OTHERS = {
    *("POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"),
}
SECRETS = {"POSTGRES_PASSWORD", "TT_CLIENT_KEY", "TT_CLIENT_SECRET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
EXAMPLE = dict(line.split("=", 1) for line in (DEPLOY / ".env.example").read_text().splitlines() if line[0] != "#")


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> InstanceRef:
    """What Dagster makes of deploy/dagster.yaml; it connects to nothing."""
    monkeypatch.setenv("POSTGRES_PASSWORD", "from-the-environment")
    return InstanceRef.from_dir(str(DEPLOY))


def variables(services: set[str]) -> Iterator[str]:
    """The names of the environment variables that these services get."""
    for name in services:
        yield from SERVICES[name].get("environment", {})


def test_every_variable_is_a_setting() -> None:
    """A misspelled variable would be an error of each command, or have no effect."""
    known = set(VARIABLES.values()) | OF_OTHERS
    assert set(variables(set(SERVICES))) <= known
    assert set(EXAMPLE) <= known


def test_secrets_come_from_the_file_that_nobody_commits() -> None:
    """The example has none, compose names each one by reference, and what must be there is required."""
    assert set(EXAMPLE.values()) == {""}
    assert set(EXAMPLE) >= SECRETS
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if name in SECRETS | {"TT_LEDGER"}:
                assert re.search(r"\$\{[A-Z_]+(:[-?][^}]*)?\}", value), name
    used = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    assert used == set(EXAMPLE)


def test_ports_are_on_this_machine_only() -> None:
    """Nothing but the web interface is reachable, and that from 127.0.0.1."""
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:3000:3000"]
    }


def test_every_service_has_a_health_check_and_a_fixed_version() -> None:
    """Who depends on a service waits until it is healthy."""
    assert {name for name, service in SERVICES.items() if not service.get("healthcheck", {}).get("test")} == set()
    assert all(
        not service["image"].endswith((":latest", ":")) and ":" in service["image"] for service in SERVICES.values()
    )
    for service in SERVICES.values():
        waits_for = service.get("depends_on", {})
        assert all(each == {"condition": "service_healthy"} for each in waits_for.values())
        assert set(waits_for) <= set(SERVICES)


def test_our_services_share_files_and_settings() -> None:
    """All have the same study, instance and image; each worker has its own data dir; each mounted file is there."""
    assert {name for name, service in SERVICES.items() if service["image"] == "tt_pipeline:distributed"} == OURS
    assert len({yaml.safe_dump(SERVICES[name][key]) for name in OURS for key in ("environment",)}) == 1
    data_dirs = {name: SERVICES[name]["volumes"][0].partition(":") for name in OURS}
    assert {mounted for _, _, mounted in data_dirs.values()} == {"/project/data"}
    of_workers = [volume for name, (volume, _, _) in data_dirs.items() if name.startswith("worker")]
    assert len(set(of_workers)) == len(of_workers) > 1
    assert len({yaml.safe_dump(SERVICES[name]["volumes"][1:3]) for name in OURS}) == 1
    assert all("--max-tasks-per-child=1" in SERVICES[name]["command"] for name in OURS if name.startswith("worker"))
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (DEPLOY / source).is_file() if source.startswith("./") else source in COMPOSE["volumes"], source


def test_the_instance_has_the_settings_of_one_machine() -> None:
    """Queue, pools (1 for one without a limit of its own), retries and monitoring are what tt_pipeline writes."""
    written = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    assert {key: written[key] for key in SETTINGS} == SETTINGS
    assert set(written) - set(SETTINGS) == {"storage", "run_launcher", "compute_logs"}


@pytest.mark.filterwarnings("ignore")  # the libraries of Celery
def test_dagster_accepts_the_instance(instance: InstanceRef) -> None:
    """Storage and launcher are made of it; the password comes from the environment and is not in the file."""
    storage, launcher = instance.storage_data, instance.run_launcher_data
    assert storage
    assert launcher
    assert (storage.class_name, launcher.class_name) == ("DagsterPostgresStorage", "CeleryRunLauncher")
    assert "from-the-environment" not in storage.config_yaml
    made = launcher.rehydrate(CeleryRunLauncher)
    assert (made.broker, made.backend) == ("redis://redis:6379/0", "redis://redis:6379/1")
    address = yaml.safe_load(storage.config_yaml)["postgres_db"]
    assert make_url(f"{address['scheme']}://").get_driver_name() == "psycopg2"
    assert address["password"] == {"env": "POSTGRES_PASSWORD"}
    assert DagsterPostgresStorage.config_type()


@pytest.mark.filterwarnings("ignore")
def test_workers_and_launcher_use_one_broker(instance: InstanceRef) -> None:
    """Both have the same addresses and options, or a run would never start."""
    assert instance.run_launcher_data
    worker = yaml.safe_load((DEPLOY / "worker.yaml").read_text())["execution"]["config"]
    launcher = yaml.safe_load(instance.run_launcher_data.config_yaml)
    assert {**worker, "default_queue": "dagster"} == launcher
    assert set(worker) <= set(celery_executor.config_schema.config_type.fields)  # type: ignore[union-attr]  # a shape
    assert {SERVICES[name]["command"][3] for name in ("worker-1", "worker-2")} == {launcher["default_queue"]}


def test_the_workspace_names_the_code_server() -> None:
    """Its host is a service, its port the one on which that serves, its name that of our own runs."""
    (location,) = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())["load_from"]
    code = SERVICES["code"]
    assert location == {"grpc_server": {"host": "code", "port": int(code["entrypoint"][-1]), "location_name": LOCATION}}
    assert code["command"][-1] == LOCATION


def test_the_values_for_helm_hold_no_secret() -> None:
    """The page's values are YAML, keep passwords in a Secret, and start one daemon."""
    page = (ROOT / "docs" / "deploy.md").read_text()
    (block,) = re.findall(r"```yaml\n(dagster-user-deployments:.*?)```", page, re.DOTALL)
    values = yaml.safe_load(block)
    (deployment,) = values["dagster-user-deployments"]["deployments"]
    assert (deployment["name"], values["generatePostgresqlPasswordSecret"]) == (
        LOCATION.replace("_", "-").replace(".", "-"),
        False,
    )
    assert values["global"]["postgresqlSecretName"] == "tt-postgres"
    assert {each["name"] for each in deployment["envSecrets"]} == {"tt-settings"}
    assert "postgresqlPassword:" not in block
    assert "value:" not in block
    assert values["dagsterDaemon"]["runCoordinator"]["config"] == {
        "queuedRunCoordinator": {"maxConcurrentRuns": SETTINGS["concurrency"]["runs"]["max_concurrent_runs"]}
    }


def test_the_image_installs_the_extra() -> None:
    """The build argument that compose passes is one of the Dockerfile, whose folder for the instance belongs to tt."""
    dockerfile = Path(ROOT / "Dockerfile").read_text()
    assert SERVICES["code"]["build"]["args"] == {"EXTRAS": "[distributed]"}
    assert 'ARG EXTRAS=""' in dockerfile
    assert '".${EXTRAS}"' in dockerfile
    assert "/dagster" in dockerfile
