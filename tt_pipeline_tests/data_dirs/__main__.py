"""Make the archive of the present version: collect a few days, back them up, and pack both."""

import subprocess
import sys
import tarfile
from importlib.metadata import version
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory

from tt_pipeline_tests.data_dirs import COLLECTED, STUDY, small_world

_LEFT_OUT = (".lock", ".lease", "-shm")
_COMMANDS = (("collect", *COLLECTED), ("backup", "{backup}"))


def make(archive: Path) -> None:
    """Write the archive.

    Raises:
        FileExistsError: It is there already.
    """
    if archive.exists():
        raise FileExistsError(archive)
    with TemporaryDirectory() as folder, small_world() as world:
        data, backup = Path(folder) / "data", Path(folder) / "backup"
        data.mkdir()
        (data / "study.yaml").write_text(STUDY, encoding="utf-8")
        for command in _COMMANDS:
            words = [word.format(backup=backup) for word in command]
            subprocess.run(
                [sys.executable, "-m", "tt_pipeline.cli", *words],
                env={**environ, **world.variables(data)},
                check=True,
            )
        with tarfile.open(archive, "w:xz") as packed:
            for path in (data, backup):
                packed.add(path, path.name, filter=_anonymous)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Without locks, and without the name of who made it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return None if entry.name.endswith(_LEFT_OUT) else entry


if __name__ == "__main__":
    target = Path(__file__).parent / f"{version('tt-pipeline')}.tar.xz"
    make(target)
    print(f"{target}: {target.stat().st_size:,} bytes")  # noqa: T201 — the program's result
