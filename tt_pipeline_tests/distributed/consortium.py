"""Several machines on one: Postgres, redis, an S3 server, a code server, the daemon, and Celery workers.

Each worker has a data dir of its own, as if it were on a machine of its own.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import yaml

from tt_pipeline.orchestration.dagster_home import SETTINGS
from tt_pipeline.settings import Settings, read_settings
from tt_pipeline.vocabulary import LOCATION
from tt_pipeline_tests.builders import free_port
from tt_pipeline_tests.distributed.cable import Cable
from tt_pipeline_tests.distributed.postgres_server import PostgresServer, new_database
from tt_pipeline_tests.journeys.daemon import Daemon

_APP = "dagster_celery.app"


@dataclass
class Process:
    """A program that runs until it is stopped; its output goes to a file."""

    command: list[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it in a session of its own, so that its children can be killed with it."""
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )

    def signal(self, number: int) -> None:
        """Send a signal to it and all its children."""
        assert self.running
        os.killpg(self.running.pid, number)

    def kill(self) -> None:
        """End it as a power failure would."""
        self.signal(signal.SIGKILL)
        assert self.running
        self.running.wait()

    def stop(self) -> None:
        """End it however it can be ended."""
        if self.running and self.running.poll() is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            try:
                self.running.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()


@dataclass
class Host:
    """A machine with a data dir."""

    name: str
    folder: Path
    environment: dict[str, str]

    def settings(self) -> Settings:
        """The settings of a process on this machine."""
        names = {name.removeprefix("TT_").lower(): value for name, value in self.environment.items()}
        fields = {name: value for name, value in names.items() if name in Settings.model_fields and value}
        return read_settings(**fields)

    def tt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `tt` there."""
        command = [sys.executable, "-m", "tt_pipeline.cli", *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=600
        )


class Consortium:
    """The servers and machines; every one can be killed and started again."""

    def __init__(
        self, folder: Path, base_url: str, study: str, *, clocks: Mapping[str, str], shared: Mapping[str, str]
    ) -> None:
        """Prepare.

        Args:
            folder: Where everything is.
            base_url: The simulator.
            study: The text of the study file, which all machines have.
            clocks: TT_CLOCK of each machine; the first has the code server, the daemon and the web server, the others
                reach all servers through cables that can be cut.
            shared: Further variables of all machines, such as TT_LANDING.
        """
        self._folder, self._open = folder, ExitStack()
        self._study = folder / "study.yaml"
        self._study.write_text(study)
        self._clocks = clocks
        self._variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TT_", "DAGSTER_", "AWS_"))},
            "TT_API_BASE_URL": base_url,
            "TT_CLIENT_KEY": "sim-key",
            "TT_CLIENT_SECRET": "sim-secret",
            "TT_STUDY": str(self._study),
            **shared,
        }
        self.hosts: dict[str, Host] = {}
        self.workers: dict[str, Process] = {}
        self._cables: dict[str, list[Cable]] = {name: [] for name in [*clocks][1:]}

    def __enter__(self) -> Self:
        self.postgres = self._open.enter_context(PostgresServer())
        self._variables["TT_LEDGER"] = new_database(self.postgres).url
        self._dagster_url = new_database(self.postgres).url
        redis_port = free_port()
        self._broker = f"redis://127.0.0.1:{redis_port}/0"
        self.redis = self._process("redis", ["redis-server", "--port", f"{redis_port}", "--bind", "127.0.0.1"], {})
        self.hosts = {name: self._host(name) for name in self._clocks}
        control = next(iter(self.hosts.values())).environment
        code_port, web_port = free_port(), free_port()
        workspace = self._folder / "workspace.yaml"
        server = {"host": "127.0.0.1", "port": code_port, "location_name": LOCATION}
        workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
        python = [sys.executable, "-W", "ignore", "-m"]
        self.code = self._process(
            "code",
            [*python, "dagster", "api", "grpc", "-m", LOCATION, "-h", "127.0.0.1", "-p", f"{code_port}"],
            control,
        )
        self._until(lambda: _listens(code_port))
        self.daemon = self._process(
            "daemon", [*python, "tt_pipeline.cli.quiet_daemon", "run", "-w", f"{workspace}"], control
        )
        self._process(
            "web",
            [*python, "dagster_webserver", "-w", f"{workspace}", "-h", "127.0.0.1", "-p", f"{web_port}"],
            control,
        )
        for host in self.hosts.values():
            self.workers[host.name] = self.start_worker(host)
        self.ui = Daemon(f"http://127.0.0.1:{web_port}")
        self._until(lambda: _answers(self.ui))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def start_worker(self, host: Host) -> Process:
        """A Celery worker that executes two runs at a time, each in a process of its own."""
        config, broker = host.folder / "celery.yaml", host.environment["DAGSTER_CELERY_BROKER_URL"]
        connection = {"broker": broker, "backend": broker}
        config.write_text(yaml.safe_dump({"execution": {"config": connection}}))
        program = Path(sys.executable).with_name("dagster-celery")
        command = [f"{program}", "worker", "start", "-A", _APP, "-n", host.name, "-q", "dagster", "-y", f"{config}"]
        # A process executes one run: it imports the study as it is then, and its leases end with it.
        return self._process(
            f"worker_{host.name}",
            [*command, "--", "--concurrency=2", "--max-tasks-per-child=1"],
            {**host.environment, "PATH": f"{program.parent}:{host.environment.get('PATH', '')}"},
        )

    def _host(self, name: str) -> Host:
        folder = self._folder / name
        home = folder / "home"
        home.mkdir(parents=True)
        broker, database = self._seen_from(name, self._broker), self._seen_from(name, self._dagster_url)
        (home / "dagster.yaml").write_text(yaml.safe_dump(self._dagster_settings(home, broker, database)))
        servers = ("TT_LEDGER", "TT_API_BASE_URL", "AWS_ENDPOINT_URL")
        environment = {
            **self._variables,
            **{variable: self._seen_from(name, self._variables[variable]) for variable in servers},
            "TT_CLOCK": self._clocks[name],
            "TT_DATA_DIR": str(folder / "data"),
            "DAGSTER_HOME": str(home),
            "DAGSTER_CELERY_BROKER_URL": broker,
            "DAGSTER_CELERY_BACKEND_URL": broker,
        }
        return Host(name, folder, environment)

    def _seen_from(self, name: str, url: str) -> str:
        """The address of a server for a machine: for the first as it is, for others through a cable of their own."""
        if name not in self._cables:
            return url
        port = urlsplit(url).port
        assert port
        cable = self._open.enter_context(Cable(port))
        self._cables[name].append(cable)
        return url.replace(f":{port}", f":{cable.port}", 1)

    def cut_off(self, name: str, seconds: float) -> None:
        """Let nothing through between a machine and all servers for a while."""
        for cable in self._cables[name]:
            cable.cut()
        time.sleep(seconds)
        for cable in self._cables[name]:
            cable.mend()

    def _dagster_settings(self, home: Path, broker: str, database: str) -> dict[str, Any]:
        celery = {"broker": broker, "backend": broker, "default_queue": "dagster"}
        return {
            **SETTINGS,
            "storage": {"postgres": {"postgres_url": database.replace("postgresql:", "postgresql+psycopg2:")}},
            "run_launcher": {"module": "dagster_celery.launcher", "class": "CeleryRunLauncher", "config": celery},
            "compute_logs": {
                "module": "dagster._core.storage.noop_compute_log_manager",
                "class": "NoOpComputeLogManager",
            },
            "local_artifact_storage": {
                "module": "dagster.core.storage.root",
                "class": "LocalArtifactStorage",
                "config": {"base_dir": str(home)},
            },
        }

    def _process(self, name: str, command: list[str], environment: Mapping[str, str]) -> Process:
        process = Process(command, environment or os.environ, self._folder / f"{name}.log", self._folder)
        process.start()
        self._open.callback(process.stop)
        return process

    def _until(self, is_so: Any, within_s: float = 300) -> None:
        ends_at = time.monotonic() + within_s
        while not is_so():
            assert time.monotonic() < ends_at, self.logs()
            time.sleep(0.5)

    def logs(self) -> str:
        """The end of what each program has written."""
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in self._folder.glob("*.log"))


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _answers(ui: Daemon) -> bool:
    try:
        return bool(ui.runs() or True)
    except (httpx.HTTPError, ValueError, AssertionError):
        return False
