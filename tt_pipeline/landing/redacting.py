"""Removes the data of erased videos, comments and accounts from a landed page.

A record of an erased video, comment or account is cut out of the stored body; elsewhere in the page their ids and
@usernames are replaced by words. The page keeps its counts, so that its window stays complete; its envelope says how
many records are missing. A page about an erased subject alone is removed as a whole.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.codebook.fields import PROFILE_TEXTS
from tt_pipeline.erased_subjects import ERASED, SHORTEST_ID, ErasedSubjects, ids_in, is_erased_id, without
from tt_pipeline.ids import id_number, video_id_of
from tt_pipeline.json_text import NotJson, read_json
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.vocabulary import Dataset

_LONGEST_USERNAME: Final = 100
_OF_VIDEOS: Final = frozenset({Dataset.COMMENTS, Dataset.REPLIES})
"""Datasets whose pages are about one video; all others with a subject are about an account."""
_USERNAME_KEYS: Final = frozenset({"username", "usernames", "video_mention_list"})
"""Keys of answers and requests whose texts are usernames; an @ before them is optional."""


def redacted(page: Envelope, erased: ErasedSubjects) -> Envelope | None:
    """A page without the data of what is erased: the same page if it has none; None if it is about an erased subject.

    The sha256 that is stored with the page is that of the new body. Of a body whose bytes were kept besides its text,
    only the text is left.
    """
    erased = erased.in_answer_of(page.fetched_at)
    if _is_about_erased(page, erased):
        return None
    body, cut = _without_records(page, erased)
    request = without_erased_values(page.request, erased)
    rejected = tuple(_of_rejected(each, erased, is_expired=_is_expired(page, erased)) for each in page.rejected)
    if (body, request, rejected) == (page.body, page.request, page.rejected):
        return page
    is_same_body = body == page.body
    return replace(
        page,
        body=body,
        body_base64=page.body_base64 if is_same_body else None,
        request=request,
        rejected=rejected,
        redacted=page.redacted + cut,
    )


def _is_about_erased(page: Envelope, erased: ErasedSubjects) -> bool:
    if (comment_id := id_number(page.request.get("comment_id"))) and erased.comment(comment_id):
        return True
    if page.subject is None:
        return False
    if page.dataset in _OF_VIDEOS:
        video_id = id_number(page.subject)
        return video_id is not None and erased.video(video_id)
    return erased.creator(page.subject)


def _is_expired(page: Envelope, erased: ErasedSubjects) -> bool:
    """Whether it is a profile that loses its names, texts and picture."""
    return page.dataset is Dataset.USERS and page.subject is not None and erased.profile_text(page.subject)


def _without_records(page: Envelope, erased: ErasedSubjects) -> tuple[str, int]:
    """The body without what is erased, and how many records were cut out."""
    if not page.body or page.body == "{}":
        return page.body, 0
    if page.dataset is Dataset.VALIDATIONS and not page.body.lstrip().startswith("{"):
        return _without_ids(page.body, erased)
    is_expired = _is_expired(page, erased)
    try:
        answer = read_json(page.body, is_cleaned=False).value
    except NotJson:  # nobody can say where a record begins and ends
        return (ERASED if is_expired or _names_erased(page.body, erased) else page.body), 0
    cutting = _Cutting(
        erased=erased,
        list_keys=frozenset(DATASETS[page.dataset].endpoint.list_keys),
        without_keys=PROFILE_TEXTS if is_expired else frozenset(),
    )
    kept = cutting.kept(answer)
    # Of a key that comes twice only the first value was read.
    is_new = cutting.has_changed or ((is_expired or _names_erased(page.body, erased)) and _has_key_twice(page.body))
    return (json.dumps(kept, separators=(",", ":")) if is_new else page.body), cutting.records


def _has_key_twice(body: str) -> bool:
    found = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.append(len(dict(pairs)) < len(pairs))
        return {}

    json.loads(body, object_pairs_hook=note, parse_int=lambda _: None)
    return any(found)


def _without_ids(body: str, erased: ErasedSubjects) -> tuple[str, int]:
    """A list of ids, one a line, without the erased ones."""
    lines = body.splitlines()
    kept = [line for line in lines if not is_erased_id(id_number(line.strip()) or 0, erased)]
    return (body, 0) if len(kept) == len(lines) else ("".join(f"{line}\n" for line in kept), len(lines) - len(kept))


@dataclass(slots=True)
class _Cutting:
    """Goes through an answer; says afterwards whether anything was removed, and how many records."""

    erased: ErasedSubjects
    list_keys: frozenset[str]
    without_keys: frozenset[str]
    has_changed: bool = False
    records: int = 0

    def kept(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {self._scrubbed(name): self._entry(name, inner) for name, inner in self._left(value)}
        if isinstance(value, list):
            return [self.kept(inner, key) for inner in value]
        return self._scrubbed(value, key)

    def _entry(self, name: str, value: Any) -> Any:
        if name in self.list_keys and isinstance(value, list):
            return [self.kept(inner, name) for inner in value if not self._is_cut(inner)]
        if name in self.list_keys and isinstance(value, dict):  # a single record in place of a list, or records by id
            if self._is_cut(value):
                return {}
            are_records = all(isinstance(inner, dict) for inner in value.values())
            left = self._left(value, are_records=are_records)
            return {
                self._scrubbed(key): self.kept(inner, key)
                for key, inner in left
                if not (are_records and self._is_cut(inner))
            }
        return self.kept(value, name)

    def _left(self, value: dict[str, Any], *, are_records: bool = False) -> list[tuple[str, Any]]:
        """The entries of an object whose keys are no erased ids."""
        left = [
            (key, inner)
            for key, inner in value.items()
            if key not in self.without_keys and not is_erased_id(id_number(key) or 0, self.erased)
        ]
        self.has_changed = self.has_changed or len(left) < len(value)
        self.records += (len(value) - len(left)) * are_records
        return left

    def _scrubbed(self, value: Any, key: str = "") -> Any:
        kept = _scrubbed_value(value, key, self.erased)
        self.has_changed = self.has_changed or kept != value
        return kept

    def _is_cut(self, record: Any) -> bool:
        is_erased = _is_erased(record, self.erased)
        self.has_changed = self.has_changed or is_erased
        self.records += is_erased
        return is_erased


def _is_erased(record: Any, erased: ErasedSubjects) -> bool:
    """Whether a record is an erased video, a comment that is erased or stands below one, or is of an erased account.

    The records of a playlist are ids.
    """
    if not isinstance(record, dict):
        return is_erased_id(id_number(record) or 0, erased)
    video_ids = (id_number(record.get("video_id")), video_id_of(record))
    comment_ids = (id_number(record.get(key)) for key in ("id", "comment_id", "parent_comment_id"))
    username = record.get("username")
    return (
        any(each is not None and erased.video(each) for each in video_ids)
        or any(each is not None and erased.comment(each) for each in comment_ids)
        or (isinstance(username, str) and erased.user(username))
    )


def without_erased_values(value: Any, erased: ErasedSubjects, key: str = "") -> Any:
    """A request, or a part of it, with words in place of erased ids and usernames.

    Args:
        value: Any JSON value.
        erased: What is erased.
        key: The key under which the value is in its object.
    """
    if isinstance(value, dict):
        # The values of a condition on usernames stand beside the name of the field.
        is_of_users = value.get("field_name") == "username"
        return {
            without(name, erased): without_erased_values(
                inner, erased, "username" if is_of_users and name == "field_values" else name
            )
            for name, inner in value.items()
        }
    if isinstance(value, list):
        kept = [without_erased_values(inner, erased, key) for inner in value]
        return [inner for inner in kept if inner is not None] if key == "ids" else kept
    return _scrubbed_value(value, key, erased)


def _scrubbed_value(value: Any, key: str, erased: ErasedSubjects) -> Any:
    if isinstance(value, str):
        if key in _USERNAME_KEYS and value and erased.user(value):
            return ERASED
        return without(value, erased) if "@" in value or "\uff20" in value or len(value) >= SHORTEST_ID else value
    if isinstance(value, int) and not isinstance(value, bool):
        return None if is_erased_id(value, erased) else value
    return value


def _of_rejected(answer: dict[str, Any], erased: ErasedSubjects, *, is_expired: bool) -> dict[str, Any]:
    """What is kept of a rejected answer; of its beginning nothing, if that names or has what is erased."""
    head = answer.get("head")
    if isinstance(head, str) and (is_expired or _names_erased(head, erased)):
        answer = answer | {"head": ERASED}
    return {name: _scrubbed_value(value, name, erased) for name, value in answer.items()}


def _names_erased(text: str, erased: ErasedSubjects) -> bool:
    """Whether a text that is not read as JSON has an erased id, or an erased username with an @ or in quotes."""
    if any(is_erased_id(number, erased) for number in ids_in(text)) or without(text, erased) != text:
        return True
    return any(part and len(part) <= _LONGEST_USERNAME and erased.user(part) for part in text.split('"'))
