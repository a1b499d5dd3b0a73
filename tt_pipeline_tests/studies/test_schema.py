"""The JSON Schema that editors complete and check with."""

import json
from typing import Any

from tt_pipeline.studies import study_schema
from tt_pipeline.vocabulary import REGION_CODES, ConditionField, Operation


def part(name: str) -> Any:
    """A definition of the schema, as JSON."""
    return json.loads(json.dumps(study_schema()))["$defs"][name]


def test_the_schema_knows_the_files_keys() -> None:
    """The keys are those that people write, and no others are allowed."""
    schema: Any = study_schema()

    keys = ["study", "start", "end", "looks", "comments", "users", "quota", "searches", "accounts"]
    assert (list(schema["properties"]), schema["required"]) == (keys, ["study", "start", "searches"])
    assert schema["additionalProperties"] is False


def test_a_search_offers_both_forms() -> None:
    """Short form and query stand side by side; each list may be a value, a list or a file."""
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
    """An editor completes fields and operations."""
    assert list(part("QueryForm")["properties"]) == ["and", "or", "not"]
    assert part("ConditionField")["enum"] == list(ConditionField)
    assert part("Operation")["enum"] == list(Operation)
