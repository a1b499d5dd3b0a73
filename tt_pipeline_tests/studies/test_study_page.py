"""docs/study.md: the page that explains every key."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tt_pipeline.studies import study_schema
from tt_pipeline.studies.field_types import Form
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES, written

PAGE: Final = (Path(__file__).parents[2] / "docs" / "study.md").read_text(encoding="utf-8")
ROWS: Final = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")
]


def forms(base: type[Form] = Form) -> list[type[Form]]:
    """Every part of the file."""
    return [form for below in base.__subclasses__() for form in (below, *forms(below))]


def keys_of(schema: Any) -> list[str]:
    """Every key that the file can have, at any depth."""
    return sorted({key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", ())})


@pytest.mark.parametrize("key", keys_of(study_schema()))
def test_every_key_has_its_row(key: str) -> None:
    """Every key of the schema is in the first cell of a row of the page."""
    assert [row for row in ROWS if f"`{key}`" in row[0]] != []


def test_the_page_has_no_other_keys() -> None:
    """A deleted key is deleted from the page too."""
    named = {key for row in ROWS for key in re.findall("`([a-z_]+)`", row[0])}

    assert named == set(keys_of(study_schema()))


@pytest.mark.parametrize("block", re.findall("```yaml\n(.*?)```", PAGE, flags=re.DOTALL), ids=lambda block: block[:20])
def test_an_example_is_legal(block: str) -> None:
    """Each block is a study, after a missing title, first day or search was added."""
    head = "" if "study:" in block else HEAD
    searches = "" if "searches:" in block else SEARCHES

    assert written(head + block + searches).searches != ()


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.__name__)
def test_a_default_is_the_one_of_the_form(form: type[Form]) -> None:
    """A default in code on the page is that of the form, and `required` keys are required by the form."""
    cells = {key: [row[2] for row in ROWS if row[0] == f"`{key}`" and row[2:]] for key in keys_of(study_schema())}
    fields = [(field.alias or name, field) for name, field in form.model_fields.items()]
    plain = [(key, f"`{json.dumps(field.default)}`") for key, field in fields if isinstance(field.default, int | float)]
    required = [(key, "required") for key, field in fields if field.is_required() and cells[key]]

    assert [(key, says) for key, says in plain + required if says not in cells[key]] == []
