"""README and docs are true: commands exist, blocks run, queries return rows."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer
import yaml

from tt_pipeline.cli.app import app
from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish
from tt_pipeline.clock import SystemClock
from tt_pipeline.reports.answers import query_published
from tt_pipeline.settings import VARIABLES
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.studies import read_study
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place, make_place

pytestmark = pytest.mark.docs

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
GUIDES = "".join(
    (ROOT / "docs" / name).read_text()
    for name in ("collect.md", "repair.md", "one-search.md", "back-up-and-move.md", "alerts.md")
)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(language: str, text: str = README) -> list[str]:
    """Fenced blocks of README, or of another text."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def commands() -> dict[str, typer.models.CommandInfo]:
    """Every `tt` command by its name."""
    return {info.name or info.callback.__name__: info for info in app.registered_commands if info.callback}


_NOT_OURS = {"export", "unset", "pipx"}


def typed_commands() -> list[list[str]]:
    """Every line of a shell block of README or a guide that calls tt or make, each once."""
    lines = dict.fromkeys(line for block in blocks("sh", README + GUIDES) for line in block.splitlines())
    return [words for line in lines if (words := shlex.split(line, comments=True)) and words[0] not in _NOT_OURS]


@pytest.mark.parametrize("words", typed_commands(), ids=" ".join)
def test_a_command_of_the_readme_exists(words: list[str]) -> None:
    """Every make target and every tt command with its options is there."""
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
        return
    assert words[0] in {"tt", ".venv/bin/tt"}
    command = typer.main.get_command(app).commands[words[1]]  # type: ignore[attr-defined]  # a group has commands
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words[2:] if word.startswith("--")} <= options


def test_a_guide_unsets_the_variables_that_it_exports() -> None:
    """Otherwise the variables of the simulator would overrule the .env of the next study."""
    lines = [line.split() for block in blocks("sh", README + GUIDES) for line in block.splitlines()]
    exported = {word.partition("=")[0] for words in lines if words[:1] == ["export"] for word in words[1:]}
    assert exported == {word for words in lines if words[:1] == ["unset"] for word in words[1:]}


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_is_explained_and_in_the_readme(name: str) -> None:
    """Every command has a help text, and README, one search or a page to which README leads shows it."""
    callback = commands()[name].callback
    assert callback
    assert callback.__doc__
    assert re.search(rf"\b(tt|make) {name}\b", README + GUIDES)


def test_every_make_target_of_the_readme_and_the_help() -> None:
    """`make` lists the targets of README."""
    targets = set(re.findall(r"^make ([a-z-]+)", "\n".join(blocks("sh")), flags=re.MULTILINE))
    listed = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert targets <= listed


def test_the_tutorials_study_can_be_read(tmp_path: Path) -> None:
    """It has the search that the tutorial explains."""
    (tmp_path / "study.yaml").write_text(blocks("yaml", (ROOT / "docs" / "first-study.md").read_text())[0])
    study = read_study(tmp_path / "study.yaml")

    assert [search.name for search in study.searches] == ["climate"]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A published warehouse of a few days."""
    for place in make_place(tmp_path_factory.mktemp("collected"), Knobs()):
        collect_and_publish(place.settings, CollectOptions(from_=str(FIRST_DAY), to=str(LAST_DAY)))
        yield place


QUESTIONS = [words[2] for words in typed_commands() if words[:2] in (["tt", "sql"], [".venv/bin/tt", "sql"])]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_of_the_readme_has_an_answer(collected: Place, question: str) -> None:
    """The SQL runs against the published file and returns rows."""
    assert query_published(collected.settings.files.published, question).height > 0


def test_the_readmes_python_opens_the_published_file(collected: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The snippet runs unchanged in a folder with a `data` folder."""
    monkeypatch.chdir(collected.settings.data_dir.parent)
    (snippet,) = blocks("python")
    with duckdb.connect(":memory:"):
        exec(snippet, {})  # noqa: S102 — our own README


@pytest.mark.parametrize("page", ["one-search.md", "use-as-a-library.md"])
def test_the_python_of_a_page_runs(page: str) -> None:
    """The snippet runs unchanged on the simulator of `tt simulate`, here with fewer videos and on another port."""
    (snippet,) = blocks("python", (ROOT / "docs" / page).read_text())
    now = SystemClock().now
    simulator = Simulator(World.until_yesterday(now(), seed=7, days=20, videos_per_day=100), now=now)
    with running(simulator) as base_url:
        exec(snippet.replace("http://127.0.0.1:8641", base_url), {})  # noqa: S102 — our own page


def test_every_setting_has_its_row() -> None:
    """Each variable of the settings is in the table of docs/settings.md."""
    table = (ROOT / "docs" / "settings.md").read_text()
    assert sorted(variable for variable in VARIABLES.values() if f"`{variable}`" not in table) == []


def test_every_dependency_has_its_reason() -> None:
    """Each runtime dependency is in docs/built-from.md with its job."""
    named = re.findall(
        r'^  "([A-Za-z-]+)[><=]', (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0], re.MULTILINE
    )
    table = (ROOT / "docs" / "built-from.md").read_text()

    assert len(named) > 10
    assert [name for name in named if name.lower() not in table.lower()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is the path of a file."""
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_ci_runs_what_the_readme_says() -> None:
    """CI's script calls the README's commands."""
    script = (ROOT / ".ci" / "run").read_text()
    assert ("make test" in script, "make demo" in script) == (True, True)


def test_the_citation_can_be_read() -> None:
    """Its version is the package's."""
    citation: dict[str, Any] = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert f'version = "{citation["version"]}"' in (ROOT / "pyproject.toml").read_text()


def test_the_changelog_has_releases_in_order() -> None:
    """What is not released comes first, then each release with its day, the latest one first."""
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    releases = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d{2}-\d{2}", heading) for heading in headings[1:]]

    assert headings[0] == "[Unreleased]"
    assert all(releases)
    versions = [[int(number) for number in release.groups()] for release in releases if release]
    assert versions == sorted(versions, reverse=True)
