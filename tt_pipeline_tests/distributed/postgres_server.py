"""A Postgres server of Debian's package, in a folder of its own, on a free port of the loopback."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Final, Self

import psycopg

from tt_pipeline.postgres import PostgresUrl

_NUMBERS: Final = count(1)
_USER: Final = "postgres"


class PostgresServer:
    """A server that starts with `with`; it can be killed and started again."""

    def __init__(self) -> None:
        # pytest's own folders are root's alone, and Postgres refuses to be root.
        self._folder = Path(mkdtemp(prefix="tt-postgres-"))
        self._data = self._folder / "data"
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not programs:
            raise FileNotFoundError("Postgres is not there (Debian: apt-get install postgresql)")
        self._programs = programs[-1]
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            shutil.chown(self._folder, _USER, _USER)
        self._run("initdb", "-D", f"{self._data}", "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "-D", f"{self._data}", "stop", "-m", "immediate", "-w", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        log = self._folder / "server.log"
        self._run("pg_ctl", "-D", f"{self._data}", "-l", f"{log}", "-o", options, "-w", "start")

    def kill(self) -> None:
        """End all its processes as a power failure would."""
        leader = int((self._data / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(["pgrep", "-P", f"{leader}"], capture_output=True, text=True, check=False)
        processes = (leader, *map(int, children.stdout.split()))
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(Path(f"/proc/{process}").exists() for process in processes):  # a new server refuses to start before
            time.sleep(0.05)

    def url(self, database: str) -> PostgresUrl:
        """The address of a database."""
        return PostgresUrl(f"postgresql://{_USER}@127.0.0.1:{self.port}/{database}")

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [f"{self._programs / program}", *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _USER, "--", *command]
        subprocess.run(command, check=check, stdout=subprocess.DEVNULL, cwd=self._folder)


def new_database(server: PostgresServer) -> PostgresUrl:
    """The address of a new, empty database."""
    name = f"ledger_{next(_NUMBERS)}"
    with psycopg.connect(server.url("postgres").url, autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    return server.url(name)
