"""What eleven commands show on a terminal of 80 and of 120 columns: no line is torn, and no word is broken."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
from syrupy.assertion import SnapshotAssertion

from tt_pipeline.reports import query_published
from tt_pipeline.warehouse import TABLES
from tt_pipeline_tests.journeys.conftest import Place
from tt_pipeline_tests.journeys.terminal import TT, Terminal

pytestmark = pytest.mark.journey

WIDTHS: Final = (80, 120)
COMMANDS: Final[Mapping[str, str]] = {
    "tables": "describe",
    "describe": "describe marts.daily_volume",
    "doctor": "doctor",
    "plan": "plan",
    "try": "try climate",
    "status": "status",
    "check": "check",
    "collect": "collect --from 2026-11-03 --to 2026-11-04 --again",
    "export": "export videos daily_volume --to exported-{columns}",
    "trace": "trace {video_id}",
    "sql": "sql",
}
CONTROL_CODES: Final = re.compile(r"[\x00-\x09\x0b-\x1f\u2800-\u28ff]")
"""With the dots of a live line."""
QUERY: Final = """\
select video_id, url, username, region_code, created_at, description, hashtags, view_count, like_count, comment_count
from marts.videos order by video_id limit 5"""
ENDLESS: Final = "select count(*) from range(100000000) a, range(100000) b where a.range + b.range < 0"
CHANGING: Final = {
    r"@\d{4}-\d\d-\d\dT": "@today-T",
    r"\d\d:\d\d:\d\d\.\d{6}": "hh:mm:ss.ssssss",
    r"\d\d:\d\d(:\d\d\+00:00)?": "hh:mm",
    r"127\.0\.0\.1:\d+": "127.0.0.1:port",
    r"python: [\d.]+, tt_pipeline [\d.]+": "python: x, tt_pipeline x",
    r"\b\d[\d.,]* (GB|GiB)": "n GB",
    r"(?s)\d+ records to come, .*?(?=\n\n)": "… records to come",
    r"\.zst:\d+": ".zst:n",
    r"\b20\d{12}[0-9A-F]{20}\b": "log_id",
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "uuid",
    r"/tt-\w{8}\b": "/tt-folder",
}
"""What differs from run to run, and what the snapshot has in its place."""


@pytest.fixture
def home(collected: Place) -> Iterator[Path]:
    """A folder with a collected data dir, whose path is as long on every machine."""
    with tempfile.TemporaryDirectory(prefix="tt-", dir="/tmp") as folder:
        shutil.copytree(collected.settings.data_dir, Path(folder) / "data")
        yield Path(folder)


@pytest.fixture
def environment(collected: Place, tmp_path: Path) -> dict[str, str]:
    """The settings, with the data dir as people name it."""
    own = {"TT_DATA_DIR": "data", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_STATE_HOME": f"{tmp_path}"}
    return {**collected.environment(), **own}


def words(command: str, place: Place, columns: int) -> list[str]:
    """The words of the command, with what it is about."""
    if command == "sql":
        return ["sql", QUERY]
    published = place.settings.files.published
    video_id = query_published(published, "select min(video_id) from marts.videos where hashtags is not null").item()
    return COMMANDS[command].format(columns=columns, video_id=video_id).split()


def lasting(lines: list[str]) -> list[str]:
    """The lines without what differs from run to run."""
    text = "\n".join(lines)
    for pattern, shown in CHANGING.items():
        text = re.sub(pattern, shown, text)
    return text.split("\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_terminal_shows(
    collected: Place, home: Path, environment: dict[str, str], command: str, snapshot: SnapshotAssertion
) -> None:
    """Every line fits, a live line leaves nothing behind, and the screen is the one that was read and found good."""
    for columns in WIDTHS:
        terminal = Terminal(words(command, collected, columns), environment, home, columns)
        assert terminal.end() == 0, terminal.lines
        assert (terminal.torn(), terminal.too_wide()) == ([], [])
        shown = lasting(terminal.lines)
        # Comments and creators are collected in any order.
        assert (sorted(shown) if command == "collect" else shown) == snapshot(name=f"{columns}")


def test_plain_output_has_no_control_codes(home: Path, environment: dict[str, str]) -> None:
    """With --plain there are no colours and no live line on a terminal, and no line is broken."""
    terminal = Terminal(["collect", "--plain", "--from", "2026-11-03", "--to", "2026-11-04"], environment, home)

    assert terminal.end() == 0
    assert not CONTROL_CODES.search(terminal.raw.replace("\r\n", "\n"))
    (climate,) = (line for line in terminal.raw.splitlines() if "videos/climate" in line)
    assert re.fullmatch(r"✓ videos/climate: 2 of 2 days complete; 0 rows for 0 requests", climate)


def test_a_pipe_gets_whole_lines(home: Path, environment: dict[str, str]) -> None:
    """Into a pipe a table has every column in full, one line for each row, whatever COLUMNS says."""
    query = "from marts.videos order by video_id limit 2"
    piped = subprocess.run(
        [*TT, "sql", query], env={**environment, "COLUMNS": "80"}, cwd=home, capture_output=True, text=True, check=True
    )

    head, _, *rows, count = piped.stdout.splitlines()
    assert (head.split(), len(rows), count) == (list(TABLES["marts.videos"].column_names), 2, "2 rows")
    assert not CONTROL_CODES.search(piped.stdout)


def test_no_color_means_no_colour(home: Path, environment: dict[str, str]) -> None:
    """NO_COLOR leaves bold headings, and no colour."""
    terminal = Terminal(["status"], {**environment, "NO_COLOR": "1"}, home)

    assert terminal.end() == 0
    assert not re.search(r"\x1b\[[0-9;]*[349][0-7]m", terminal.raw)


def test_the_prompt_answers_completes_and_survives_mistakes(home: Path, environment: dict[str, str]) -> None:
    """The tab key completes tables and columns; a mistake, Ctrl-C and a long query do not end the prompt."""
    terminal = Terminal(["sql"], environment, home)
    terminal.until("tt> ")
    terminal.type("select sum(video_c\x03")
    terminal.until("tt> ")
    terminal.type("from marts.daily_v\t\r")
    terminal.until("  > ")
    terminal.type("select sear\t, sum(videos) as n group by all order by all\r")
    terminal.until("  > ")
    terminal.type("\r")
    terminal.until("2 rows.*tt> ")
    terminal.type("from marts.video;\r")
    terminal.until("Did you mean marts.videos.*tt> ")
    terminal.type(f"{ENDLESS};\r")
    terminal.until("< 0;\r\n")
    terminal.type("\x03")
    terminal.until("Interrupted.*tt> ")
    terminal.type("copy (select 1) to 'x.csv';\r")
    terminal.until("does not write files.*tt> ")
    terminal.type(".mode csv\r")
    terminal.until("tt> ")
    terminal.type("select 1 as a, 2 as b;\r")
    terminal.until("a,b\r\n1,2\r\ntt> ")
    terminal.type("help\r")
    terminal.until("ends, as Ctrl-D does.*tt> ")
    terminal.type(".schema daily_volume\r")
    terminal.until("fingerprint +VARCHAR.*tt> ")
    terminal.type("exit\r")

    assert terminal.end() == 0
    assert [file.name for file in home.iterdir()] == ["data"]
