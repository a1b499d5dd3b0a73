"""Words that look the same are sent as the same text, with a notice."""

import pytest

from tt_pipeline.studies.wording import cleaned
from tt_pipeline.vocabulary import ConditionField
from tt_pipeline_tests.studies.writing import study_text, written

COMPOSED, DECOMPOSED = "\u00e9t\u00e9", "e\u0301te\u0301"
LEFT_OUT = {
    "zero-width space": "cli\u200bmate",
    "word joiner": "climate\u2060",
    "soft hyphen": "cli\u00admate",
    "byte order mark": "\ufeffclimate",
    "direction marks": "\u200eclimate\u202c",
    "isolates": "\u2066climate\u2069",
    "joiner between Latin letters": "cli\u200dmate",
    "non-joiner at the end": "climate\u200c",
    "blanks around": "\u00a0 climate\u3000",
    "sign": "#climate",
    "sign of Japanese keyboards": "\uff03climate",
    "sign behind a mark": "\u200b#climate",
}


@pytest.mark.parametrize("written_so", LEFT_OUT.values(), ids=LEFT_OUT)
def test_invisible_characters_are_removed(written_so: str) -> None:
    """A hashtag that was copied with invisible characters is the visible hashtag."""
    assert cleaned(ConditionField.HASHTAG_NAME, written_so) == "climate"


KEPT = {
    "Persian with a non-joiner": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "family emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "heart with its variation": "\u2764\ufe0f",
    "Thai": "\u0e01\u0e47",
    "Hangul": "\ud55c\uad6d",
    "full-width letters": "\uff21\uff22",
    "upper case": "ClimateStrike",
}


@pytest.mark.parametrize("word", KEPT.values(), ids=KEPT)
def test_characters_of_a_word_are_kept(word: str) -> None:
    """Joiners in scripts and emoji, and similar letters of other scripts, change what is found."""
    assert cleaned(ConditionField.HASHTAG_NAME, word) == word
    assert cleaned(ConditionField.KEYWORD, word) == word


def test_accents_are_composed() -> None:
    """The two spellings of a letter with an accent are one word: it is sent once, and is one query."""
    both = written(study_text(f"hashtags: ['{DECOMPOSED}', '{COMPOSED}']")).searches[0]
    one = written(study_text(f"hashtags: ['{COMPOSED}']")).searches[0]

    assert both.query.any_of[0].values == (COMPOSED,)
    assert both.fingerprint == one.fingerprint


@pytest.mark.parametrize("key", ["hashtags", "keywords"])
@pytest.mark.parametrize("word", [DECOMPOSED, f"{COMPOSED}\u200b"])
def test_a_changed_word_gets_a_notice(key: str, word: str) -> None:
    """The notice shows the characters, which are invisible otherwise."""
    study = written(study_text(f"{key}: ['{word}']"))

    (notice,) = [notice for notice in study.notices if "is read as" in notice]
    assert notice == f"searches.climate.{key}: {word!a} is read as {COMPOSED}."


def test_the_apis_own_json_is_sent_as_it_is() -> None:
    """The word is unchanged, and a notice says that it probably finds nothing."""
    condition = "{field_name: hashtag_name, operation: IN, field_values: ['he\\u200bat']}".replace("'", '"')
    study = written(study_text(f"query: {{or: [{condition}]}}"))

    assert study.searches[0].query.any_of[0].values == ("he\u200bat",)
    (notice,) = [notice for notice in study.notices if "cannot be seen" in notice]
    assert notice.startswith("searches.climate: 'he\\u200bat' of hashtag_name has characters that cannot be seen")
    assert notice.endswith("it is sent as it is and probably finds nothing.")
