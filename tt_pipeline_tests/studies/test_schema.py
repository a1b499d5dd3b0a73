"""The JSON Schema with which editors complete and check a study."""

import json
from typing import Any

from tt_pipeline.studies import study_schema
from tt_pipeline.vocabulary import REGION_CODES, ConditionField, Operation


def part(name: str) -> Any:
    """A definition of the schema, as JSON."""
    return json.loads(json.dumps(study_schema()))["$defs"][name]


def test_the_schema_has_the_keys_of_the_file() -> None:
    """The keys are those of the study file, and no others are allowed."""
    schema: Any = study_schema()

    keys = ["study", "start", "end", "looks", "comments", "users", "quota", "searches", "accounts"]
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
