"""Which libraries each command imports: an answer must not wait for what the command does not need.

Measured in CPU seconds: dagster 1.2, numpy and pyarrow 0.15, polars and httpx 0.1, duckdb and yaml 0.05.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.cli.test_help import COMMANDS
from tt_pipeline_tests.studies.writing import HEAD
from tt_pipeline_tests.warehouse.builders import CLOCK, land, load, page, video

LIBRARIES: Final = ("altair", "dagster", "duckdb", "httpx", "numpy", "polars", "pyarrow", "pydantic_settings", "yaml")
_PROGRAM: Final = f"""
import json, sys
from tt_pipeline.cli import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as end:
        code = end.code
print(json.dumps([code, sorted({{*{LIBRARIES}}} & sys.modules.keys())]))
"""

_SENDS: Final = ["duckdb", "httpx", "polars", "yaml"]
_FRAMES: Final = ["duckdb", "numpy", "polars", "pyarrow"]
_EVERYTHING_BUT_DAGSTER: Final = ["duckdb", "httpx", "numpy", "polars", "pyarrow", "yaml"]
_NO_KEY: Final = 2

IMPORTS: Final[tuple[tuple[list[str], int, list[str]], ...]] = (
    (["env"], 0, []),
    (["sql", "select 1"], 0, ["duckdb"]),
    (["sql", ".tables"], 0, ["duckdb"]),
    (["sql", "--csv", "select 1"], 0, _FRAMES),
    (["check"], 0, ["yaml"]),
    (["init", "--schema"], 0, ["yaml"]),
    (["status"], 0, ["duckdb", "yaml"]),
    (["describe", "marts.videos"], 0, ["duckdb", "yaml"]),
    (["export", "marts.videos", "--to", "exported"], 0, ["duckdb", "yaml"]),
    (["report"], 0, ["altair", "duckdb", "yaml"]),
    (["report", "--methods"], 0, ["duckdb", "yaml"]),
    (["backup", "copy"], 0, ["duckdb", "yaml"]),
    (["restore", "copy"], 2, ["duckdb", "yaml"]),  # refused: the data dir has data
    (["plan"], 0, ["polars", "yaml"]),
    (["trace", "somebody"], 0, _FRAMES),
    (["duties"], 0, _SENDS),
    (["verify"], 0, _SENDS),
    (["doctor"], 0, _EVERYTHING_BUT_DAGSTER),
    (["rebuild"], 0, _EVERYTHING_BUT_DAGSTER),
    (["try", "recipes"], _NO_KEY, _SENDS),
    (["search", "climate"], _NO_KEY, _SENDS),
    (["refresh"], _NO_KEY, _EVERYTHING_BUT_DAGSTER),
    (["migrate-storage"], 2, []),  # refused: no database is set
    (["purge", "7696688856609475842", "--dry-run"], 2, _EVERYTHING_BUT_DAGSTER),  # refused: it is not there
)
"""How each command is called here, its exit code, and every library of the list that it imports."""
_WITH_DAGSTER: Final = frozenset({"alerts", "collect", "demo", "rehydrate", "service", "up"})
_LIKE_SEARCH: Final = frozenset({"comments", "followers", "following", "liked", "pinned", "reposted", "users"})
_SERVES: Final = frozenset({"browse", "notebook", "simulate"})
"""Commands that are not called here."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study, one landed page and a published file."""
    folder = tmp_path_factory.mktemp("imports")
    files = DataDir(folder / "data")
    files.root.mkdir()
    (files.root / "study.yaml").write_text(HEAD + "searches:\n  recipes:\n    hashtags: [recipe]\n", encoding="utf-8")
    load(files.writer, [land(files.landing, [page(video(1))])])
    publish_file(files.writer, files.published, CLOCK)
    return folder


def imported(folder: Path, *commands: list[str]) -> tuple[int, list[str]]:
    """Exit code of the last of these commands, and the libraries that all of them import in a new process."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, json.dumps(commands)], cwd=folder, capture_output=True, text=True, check=True
    )
    code, libraries = json.loads(ended.stdout.splitlines()[-1])
    return code, libraries


def test_the_help_of_no_command_imports_a_library(folder: Path) -> None:
    """All helps in one process import none of them."""
    assert imported(folder, ["--help"], *([name, "--help"] for name in COMMANDS)) == (0, [])


@pytest.mark.parametrize(("words", "code", "libraries"), IMPORTS, ids=[" ".join(words) for words, _, _ in IMPORTS])
def test_a_command_imports_what_it_needs_and_nothing_else(
    words: list[str], code: int, libraries: list[str], folder: Path
) -> None:
    """The command does its work, and the list is exact: a library that is no longer needed leaves it."""
    assert imported(folder, words) == (code, libraries)


def test_every_command_is_listed() -> None:
    """A new command says what it imports."""
    called = {words[0] for words, _, _ in IMPORTS}
    assert called | _WITH_DAGSTER | _LIKE_SEARCH | _SERVES == COMMANDS.keys()
