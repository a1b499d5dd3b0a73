"""The JSON Schema with which editors complete and check a study."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tt_pipeline.studies import STUDY_TEMPLATE, study_schema
from tt_pipeline.vocabulary import REGION_CODES, ConditionField, Operation


def part(name: str) -> Any:
    """A definition of the schema, as JSON."""
    return json.loads(json.dumps(study_schema()))["$defs"][name]


def test_the_schema_has_the_keys_of_the_file() -> None:
    """The keys are those of the study file, and no others are allowed."""
    schema: Any = study_schema()

    keys = ["study", "start", "end", "looks", "comments", "users", "quota", "searches", "accounts"]
    keys += ["alerts", "compliance", "privacy"]
    assert (list(schema["properties"]), schema["required"]) == (keys, ["study", "start", "searches"])
    assert schema["additionalProperties"] is False


def test_a_search_offers_both_forms() -> None:
    """The schema has short form and query; each list may be a value, a list or a file."""
    search = part("SearchForm")["properties"]
    value = {"type": ["string", "integer"]}
    file = {
        "type": "object",
        "properties": {"file": {"type": "string"}},
        "required": ["file"],
        "additionalProperties": False,
    }

    assert {"keywords", "exclude", "from", "to", "query", "video_ids", "sample", "max_videos_per_day"} <= set(search)
    assert search["usernames"]["anyOf"] == [value, {"type": "array", "items": value, "minItems": 1}, file]
    assert search["regions"]["anyOf"][0] == {"enum": sorted(REGION_CODES)}


def test_a_query_offers_the_codebooks_words() -> None:
    """An editor can complete fields and operations."""
    assert list(part("QueryForm")["properties"]) == ["and", "or", "not"]
    assert part("ConditionField")["enum"] == list(ConditionField)
    assert part("Operation")["enum"] == list(Operation)


def test_every_key_is_described() -> None:
    """An editor shows the description while people type."""
    schema: Any = json.loads(json.dumps(study_schema()))
    forms = {"the study": schema} | {name: form for name, form in schema["$defs"].items() if "properties" in form}

    undescribed = [
        f"{name}: {key}"
        for name, form in forms.items()
        for key, value in form["properties"].items()
        if not value.get("description")
    ]
    assert undescribed == []


ROOT = Path(__file__).parents[2]
HEAD = {"study": "x", "start": "2026-10-01", "searches": {"a": {"hashtags": "x"}}}


class _AsEditors(yaml.SafeLoader):
    """Reads YAML as editors do: days and NO are text."""


_AsEditors.yaml_implicit_resolvers = {
    sign: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:timestamp" and (tag != "tag:yaml.org,2002:bool" or sign in "tfTF")
    ]
    for sign, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def examples() -> Iterator[str]:
    """The studies and parts of studies in README, in docs/study.md, and the file that `tt init` writes."""
    yield STUDY_TEMPLATE
    for page in ("README.md", "docs/study.md"):
        yield from re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)


def problems(text: str) -> list[str]:
    """What an editor would underline in a study, or in a part of one."""
    content = yaml.load(text, Loader=_AsEditors)  # noqa: S506 — it only makes plain values
    validator = jsonschema.Draft202012Validator(json.loads(json.dumps(study_schema())))
    return [
        f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors({**HEAD, **content})
    ]


@pytest.mark.parametrize("text", list(examples()))
def test_an_example_is_valid_in_an_editor(text: str) -> None:
    """What the reader of the file accepts is not underlined."""
    assert problems(text) == []


MISTAKES = {
    "stat: 2026-10-01": "'stat' was unexpected",
    "looks: [0]": "is not valid",
    "searches: {A: {hashtags: x}}": "does not match",
    "searches: {a: {regions: [UK]}}": "is not valid",
    "searches: {a: {query: {and: [{field_name: keyword, operation: LIKE, field_values: [x]}]}}}": "is not valid",
    "comments: {after_day: 1}": "is not valid",
    "quota: {confirmed: maybe}": "is not of type 'boolean'",
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.items())
def test_a_mistake_is_underlined(text: str, message: str) -> None:
    """The schema is no formality: it finds wrong keys and wrong values."""
    assert message in " ".join(problems(text))
