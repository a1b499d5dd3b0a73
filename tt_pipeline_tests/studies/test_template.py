"""The files that `tt init` writes."""

from pathlib import Path

import yaml

from tt_pipeline.settings import VARIABLES
from tt_pipeline.studies import ENV_TEMPLATE, STUDY_TEMPLATE, sentence
from tt_pipeline_tests.studies.writing import written

ROOT = Path(__file__).parents[2]


def test_the_template_is_a_study_without_a_notice() -> None:
    """The first `tt check` of a new study reports nothing, and no quota is confirmed."""
    study = written(STUDY_TEMPLATE)

    assert (study.notices, study.quota.confirmed) == ((), False)
    assert sentence(study.searches[0].query) == (
        'videos that either have "climate strike" or klimastreik in their text or have hashtag climate or '
        "fridaysforfuture, and are from DE"
    )


def test_commented_lines_of_the_template_are_legal() -> None:
    """Removing the # before a line of YAML gives a study again."""
    lines = [line.replace("# ", "", 1) if _is_yaml(line) else line for line in STUDY_TEMPLATE.splitlines()]
    Path("accounts.txt").write_text("nasa\n")
    Path("ids.txt").write_text("tiktok.com/@nasa/video/7696688856609475842\n7296688856609475842\n")

    study = written("\n".join(lines))
    assert [search.name for search in study.searches] == ["climate", "agencies", "everyone", "known", "pasted"]
    assert study.accounts is not None
    assert study.notices == (
        "searches.known.video_ids: 'tiktok.com/@nasa/video/7696688856609475842' is read as 7696688856609475842.",
        "searches.known.video_ids: ids outside the search's days are not requested: 1 before 2026-10-01, of 2 ids.",
        "searches.climate: view_count in TikTok's archive can be 10 days old; later looks find more.",
    )


def _is_yaml(line: str) -> bool:
    text = line.strip().removeprefix("# ").strip()
    is_key = text.partition(":")[0].isidentifier() and not text.startswith("`")
    return line.strip().startswith("# ") and is_key and isinstance(yaml.safe_load(text), dict)


def test_the_example_is_the_template() -> None:
    """The study in data/ is the file that `tt init` writes."""
    assert (ROOT / "data" / "example.study.yaml").read_text(encoding="utf-8") == STUDY_TEMPLATE


def test_the_environment_template_has_no_secret() -> None:
    """The two credentials are empty, and every variable in it exists."""
    set_lines = [line for line in ENV_TEMPLATE.splitlines() if line and not line.startswith("#")]
    named = {line.removeprefix("# ").partition("=")[0] for line in ENV_TEMPLATE.splitlines() if "TT_" in line}

    assert set_lines == ["TT_CLIENT_KEY=", "TT_CLIENT_SECRET="]
    assert named <= set(VARIABLES.values())
