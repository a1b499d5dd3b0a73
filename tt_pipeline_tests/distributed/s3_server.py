"""SeaweedFS, a real S3-compatible server on this machine; `make distributed` installs it."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from obstore.store import S3Store
from pydantic import SecretStr

from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.settings import Settings
from tt_pipeline_tests.builders import free_port

WEED: Final = Path(__file__).parents[2] / ".venv" / "seaweedfs" / "bin" / "weed"
USERS: Final = (
    '{"identities": [{"name": "tt", "credentials": [{"accessKey": "tt-key", "secretKey": "tt-secret"}],'
    ' "actions": ["Admin", "Read", "Write", "List"]}]}'
)
_STARTS_S: Final = 60


@dataclass(slots=True, kw_only=True)
class Storage:
    """A server with its ports; it can be killed and started again."""

    endpoint: str
    master: str
    filer: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it stores objects."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT)
        _wait_for(self)

    def kill(self) -> None:
        """End it as a power failure would."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it."""
        assert self.process
        self.process.terminate()
        self.process.wait(30)

    def bucket(self, name: str) -> Any:
        """A bucket, which its first object makes."""
        return S3Store(
            name,
            config={
                "endpoint": self.endpoint,
                "access_key_id": "tt-key",
                "secret_access_key": "tt-secret",
                "region": "us-east-1",
            },
            client_options={"allow_http": True, "timeout": timedelta(seconds=30)},
        )

    def settings(self, bucket: str, **further: Any) -> Settings:
        """The settings of a machine; the ledger is not opened here."""
        fields = {
            "landing": f"s3://{bucket}/study",
            "ledger": PostgresUrl("postgresql://127.0.0.1/quota"),
            "aws_access_key_id": SecretStr("tt-key"),
            "aws_secret_access_key": SecretStr("tt-secret"),
            "aws_endpoint_url": self.endpoint,
        }
        return Settings(**fields | further)

    def shell(self, command: str) -> None:
        """Run a command of the server's administrator."""
        servers = (f"-master={self.master}", f"-filer={self.filer}")
        subprocess.run(
            [str(WEED), "shell", *servers], input=command.encode(), check=True, capture_output=True, timeout=60
        )


@contextmanager
def running_storage(folder: Path) -> Iterator[Storage]:
    """The server, with its files in an empty folder."""
    (folder / "users.json").write_text(USERS)
    names = ("master", "volume", "filer", "s3")
    ports = {name: free_port() for name in (*names, *(f"{name}.grpc" for name in names))}
    options = [f"-{name.partition('.')[0]}.port{name[len(name.partition('.')[0]) :]}={ports[name]}" for name in ports]
    command = [
        *(str(WEED), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", *options),
        *(f"-s3.config={folder / 'users.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        *("-master.volumeSizeLimitMB=64", "-volume.max=500", "-master.telemetry=false"),
    ]
    storage = Storage(
        endpoint=f"http://127.0.0.1:{ports['s3']}",
        master=f"127.0.0.1:{ports['master']}.{ports['master.grpc']}",
        filer=f"127.0.0.1:{ports['filer']}.{ports['filer.grpc']}",
        command=command,
        log=folder / "log",
    )
    try:
        storage.start()
        yield storage
    finally:
        storage.stop()


def _wait_for(storage: Storage) -> None:
    ends_at = time.monotonic() + _STARTS_S
    while True:
        try:
            storage.bucket("first").put("started", b"1")
        except Exception:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.5)
        else:
            return
