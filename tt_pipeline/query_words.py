"""A query from words, as people type them into a search box: one word, or several of which all must match.

`query.py` defines what a query is.
"""

import re
from typing import Final

from tt_pipeline.errors import UsageError
from tt_pipeline.query import Condition, Query, value_problem
from tt_pipeline.vocabulary import ConditionField, Operation

_WORDS: Final = re.compile(r'"([^"]+)"|(\S+)')
"""A word is without spaces, or in double quotes."""


def query_of_words(text: str) -> Query:
    """The query for a text.

    One word is sought as hashtag and as keyword: `{"or": [hashtag_name IN ["rstats"], keyword IN ["#rstats"]]}`. Of
    several words all must match. Groups of conditions cannot be nested, so each is one keyword in `and`: descriptions
    contain their hashtags. Words in double quotes are one keyword.

    Raises:
        UsageError: There is no word, or one that the API cannot search for.
    """
    words = [quoted or plain for quoted, plain in _WORDS.findall(text)]
    keywords = tuple(_any_of(ConditionField.KEYWORD, word) for word in dict.fromkeys(words))
    problems = [problem for keyword in keywords for problem in keyword.problems()]
    if problems or not keywords:
        raise UsageError(f"{text!r} cannot be searched for: {' '.join(problems) or 'it has no word.'}")
    hashtag = words[0].lstrip("#\uff03")
    if len(keywords) > 1 or value_problem(ConditionField.HASHTAG_NAME, hashtag):
        return Query(all_of=keywords)
    return Query(any_of=(_any_of(ConditionField.HASHTAG_NAME, hashtag), *keywords))


def _any_of(field: ConditionField, value: str) -> Condition:
    return Condition(field=field, operation=Operation.IN, values=(value,))
