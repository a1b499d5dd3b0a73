"""What is erased is cut out of landed pages, in every place; everything else stays as it was."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.erased_subjects import ERASED, NamedSubjects, plain_username, without
from tt_pipeline.landing import Envelope, redacted
from tt_pipeline.landing.envelope import text_and_base64
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.warehouse.builders import (
    body,
    comment,
    comment_page,
    list_page,
    page,
    playlist_page,
    snowflake,
    user_page,
    video,
)

VIDEO, OTHER, COMMENT = snowflake(1), snowflake(2), snowflake(1001)
LENA = NamedSubjects(videos=frozenset({VIDEO}), comments=frozenset({COMMENT}), users=frozenset({"lena"}))


def kept(landed: Envelope, erased: NamedSubjects = LENA) -> Envelope:
    """The page without what is erased; fails if the page itself would go."""
    found = redacted(landed, erased)
    assert found is not None
    return found


def data_in(landed: Envelope) -> dict[str, Any]:
    """The data of a page."""
    found: dict[str, Any] = json.loads(landed.body)["data"]
    return found


def test_a_video_is_cut_out_of_its_page() -> None:
    """The page says how many records are missing, keeps its counts, and reads back with its new sha256."""
    cut = kept(page(video(1), video(2)))

    assert (data_in(cut), cut.redacted) == ({"videos": [video(2)]}, 1)
    assert (cut.records, cut.slots, cut.cursor) == (2, 2, 2)
    assert Envelope.read(cut.line()) == cut
    assert redacted(cut, LENA) is cut


def test_a_second_deletion_adds_to_the_first() -> None:
    """A page that was redacted before says how many records are missing altogether."""
    once = kept(page(video(1), video(2), video(3)))
    twice = kept(once, NamedSubjects(videos=frozenset({OTHER})))

    assert (data_in(twice), twice.redacted) == ({"videos": [video(3)]}, 2)


@pytest.mark.parametrize("landed", [page(video(2)), comment_page(comment(2, under=2), under=2), user_page("jo")])
def test_a_page_without_it_is_the_same_page(landed: Envelope) -> None:
    """Nothing is written again that has nothing of it."""
    assert redacted(landed, LENA) is landed


def test_records_are_found_by_every_key_that_names_their_subject() -> None:
    """A video by id or video_id, as number or digits; a comment by its own id, its video or its parent; a creator."""
    records: list[dict[str, Any]] = [
        {"video_id": VIDEO},
        {"id": str(VIDEO)},
        {"id": f"000{VIDEO}"},
        video(3, username="Lena"),
        video(3, username="@lena\x00"),
    ]
    cut = kept(page(*records, video(2)))
    assert (data_in(cut)["videos"], cut.redacted) == ([video(2)], 5)

    comments = [comment(1, under=2), comment(5, under=2, parent_comment_id=COMMENT), comment(6, under=1)]
    cut = kept(comment_page(*comments, comment(7, under=2), under=2))
    assert (data_in(cut)["comments"], cut.redacted) == ([comment(7, under=2)], 3)


@pytest.mark.parametrize(
    ("landed", "erased"),
    [
        (comment_page(comment(1)), LENA),
        (comment_page(comment(1), dataset=Dataset.REPLIES, request={"comment_id": COMMENT}, subject="7"), LENA),
        (user_page("lena"), LENA),
        (user_page("Lena"), NamedSubjects(creators=frozenset({"lena"}))),
        (list_page(Dataset.FOLLOWERS, "lena", "jo"), LENA),
        (playlist_page(9, OTHER), LENA),
    ],
)
def test_a_page_about_it_alone_goes(landed: Envelope, erased: NamedSubjects) -> None:
    """Comments of a deleted video, replies to a deleted comment, profile, lists and playlists of a deleted account."""
    assert redacted(landed, erased) is None


def test_lists_of_others_lose_its_entries() -> None:
    """An account is cut out of followers, its videos out of likes, and a video out of a playlist, where it is an id."""
    assert (
        data_in(kept(list_page(Dataset.FOLLOWERS, "jo", "lena", "kim")))["user_followers"]
        == (data_in(list_page(Dataset.FOLLOWERS, "jo", "kim"))["user_followers"])
    )
    liked = kept(list_page(Dataset.LIKED, "jo", video(5, username="lena"), video(6)))
    assert (data_in(liked), liked.redacted) == (data_in(list_page(Dataset.LIKED, "jo", video(6))), 1)

    playlist = kept(playlist_page(9, VIDEO, OTHER), NamedSubjects(videos=frozenset({VIDEO})))
    assert (data_in(playlist)["playlist_video_ids"], playlist.redacted) == ([OTHER], 1)


def test_a_creator_without_videos_loses_only_what_was_requested_about_it() -> None:
    """What others write of the account stays: followers, mentions, requests."""
    creator = NamedSubjects(creators=frozenset({"lena"}))
    followed, mentioned = list_page(Dataset.FOLLOWERS, "jo", "lena"), page(video(2, video_description="mit @lena"))
    assert redacted(followed, creator) is followed
    assert redacted(mentioned, creator) is mentioned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mit @lena!", f"mit @{ERASED}!"),
        ("mit @LENA.", f"mit @{ERASED}."),
        ("@lena, @jo", f"@{ERASED}, @jo"),
        ("@@lena", f"@@{ERASED}"),
        ("\uff20lena", f"\uff20{ERASED}"),
        ("@le\x00na", f"@{ERASED}"),
        ("สวัสดี@lenaสวัสดี", f"สวัสดี@{ERASED}สวัสดี"),
        ("看@lena你好", f"看@{ERASED}你好"),
        ("@lena🐝🐝", f"@{ERASED}🐝🐝"),
        ("(@lena)", f"(@{ERASED})"),
        ('"@lena"', f'"@{ERASED}"'),
        ("https://www.tiktok.com/@lena/video/5", f"https://www.tiktok.com/@{ERASED}/video/5"),
        (f"看这个{VIDEO}吧", f"看这个{ERASED}吧"),
        (f"tiktok.com/@jo/video/{VIDEO}?lang=de", f"tiktok.com/@jo/video/{ERASED}?lang=de"),
        ("@lena.b @lena_b @lenab @xlena", None),
        ("lena #lena lena@example.org", None),
        (f"1{VIDEO} {VIDEO}0", None),
    ],
)
def test_a_text_loses_mentions_and_ids(text: str, expected: str | None) -> None:
    """Other usernames that begin or end alike stay, and so does the word without an @, which may be a hashtag."""
    landed = page(video(2, video_description=text))
    cut = kept(landed)
    assert data_in(cut)["videos"][0]["video_description"] == (text if expected is None else expected)
    assert (cut is landed) == (expected is None)
    assert LENA.may_be_in(landed.line().decode()) or cut is landed


def test_a_mention_list_loses_the_name() -> None:
    """There usernames have no @; a hashtag of the same name stays."""
    record = video(2, video_mention_list=["lena", "jo"], hashtag_names=["lena"])
    assert data_in(kept(page(record)))["videos"] == [record | {"video_mention_list": [ERASED, "jo"]}]


def test_ids_are_removed_in_every_form() -> None:
    """As a number, as a key of an object with all that is below it, in a list, and in JSON inside a text."""
    record = video(
        2, duet_of=VIDEO, stitched={str(VIDEO): {"likes": 1}, "5": 1}, seen=[VIDEO, 5], raw=f'{{"id":{VIDEO}}}'
    )
    expected = video(2, duet_of=None, stitched={"5": 1}, seen=[None, 5], raw=f'{{"id":{ERASED}}}')
    assert data_in(kept(page(record)))["videos"] == [expected]


def test_records_by_their_id_are_cut_out() -> None:
    """A server that sends an object instead of a list loses the record, key and content."""
    landed = page(video(2), body=body(videos={str(VIDEO): {"likes": 1}, "b": video(2), "c": video(3, username="lena")}))
    cut = kept(landed)
    assert (data_in(cut)["videos"], cut.redacted) == ({"b": video(2)}, 2)
    single = kept(page(video(1), body=body(videos=video(1))))
    assert (data_in(single)["videos"], single.redacted) == ({}, 1)


def test_requests_lose_ids_and_usernames() -> None:
    """Conditions keep their form, so the page is still read; other conditions stay."""
    request = {
        "query": {
            "and": [
                {"field_name": "video_id", "operation": "IN", "field_values": [str(VIDEO), str(OTHER)]},
                {"field_name": "username", "operation": "IN", "field_values": ["Lena", "jo"]},
                {"field_name": "hashtag_name", "operation": "IN", "field_values": ["lena"]},
            ]
        },
        "username": "lena",
    }
    found = kept(page(video(2), request=request)).request
    assert found == {
        "query": {
            "and": [
                {"field_name": "video_id", "operation": "IN", "field_values": [ERASED, str(OTHER)]},
                {"field_name": "username", "operation": "IN", "field_values": [ERASED, "jo"]},
                {"field_name": "hashtag_name", "operation": "IN", "field_values": ["lena"]},
            ]
        },
        "username": ERASED,
    }


@pytest.mark.parametrize("text", [f"<p>{VIDEO}</p>", "<b>@lena</b>", '{"username":"lena","bio":"Garten'])
def test_a_body_that_is_no_json_goes_as_a_whole(text: str) -> None:
    """Nobody can say which part of it is about whom; it stays a body that cannot be read."""
    assert kept(page(body=text)).body == ERASED
    assert kept(page(body="<p>lena 5</p>")).body == "<p>lena 5</p>"


def test_the_second_of_two_equal_keys_goes_too() -> None:
    """Readers see the first value only, but the bytes had both."""
    text = f'{{"data":{{"videos":[{{"id":{OTHER},"x":1,"x":"{VIDEO}"}}]}}}}'
    assert str(VIDEO) not in kept(page(body=text)).body


def test_letters_that_json_writes_as_digits_are_read() -> None:
    """Escapes hide neither a username nor an id."""
    text = body(videos=[{"id": OTHER, "x": "AT", "y": "ID"}])
    text = text.replace("AT", r"\u0040\u006cen\u0061").replace("ID", rf"\u003{str(VIDEO)[0]}{str(VIDEO)[1:]}")
    cut = kept(page(body=text))
    assert LENA.may_be_in(page(body=text).line().decode())
    assert data_in(cut)["videos"] == [{"id": OTHER, "x": f"@{ERASED}", "y": ERASED}]


def test_bytes_that_were_kept_besides_the_text_go() -> None:
    """A body that is not UTF-8 is kept as base64 too, which would still have the record."""
    text, base64 = text_and_base64(body(videos=[video(1), video(2, x="?")]).encode().replace(b"?", b"\xff"))
    cut = kept(page(body=text, body_base64=base64))
    assert cut.body_base64 is None
    assert b64encode(str(VIDEO).encode()) not in cut.line()
    untouched = page(body=text, body_base64=base64)
    assert redacted(untouched, NamedSubjects(videos=frozenset({7 * 10**18}))) is untouched


def test_answers_that_were_rejected_lose_their_beginning() -> None:
    """A beginning that names what is erased goes as a whole; others stay."""
    answers = ({"head": f'{{"id":{VIDEO},', "why": "cut"}, {"head": '"username":"lena', "why": "cut"}, {"head": "<p>"})
    assert kept(page(video(2), rejected=answers)).rejected == (
        {"head": ERASED, "why": "cut"},
        {"head": ERASED, "why": "cut"},
        {"head": "<p>"},
    )


def test_only_what_is_in_the_list_of_records_counts_as_a_record() -> None:
    """A scalar in the place of the list loses the id, and no record is counted."""
    cut = kept(page(body=body(videos=f"see {VIDEO}")))
    assert (data_in(cut)["videos"], cut.redacted) == (f"see {ERASED}", 0)


@pytest.mark.parametrize("dataset", [each for each in Dataset if DATASETS[each].endpoint.list_keys])
def test_every_list_of_records_is_cut(dataset: Dataset) -> None:
    """Whatever key a dataset's records are under, the erased one goes and the other one stays."""
    for key in DATASETS[dataset].endpoint.list_keys:
        records: list[Any] = [{"id": VIDEO, "username": "lena"}, {"id": OTHER, "username": "jo"}]
        cut = kept(page(dataset=dataset, subject=None, body=body(**{key: records})))
        assert (data_in(cut)[key], cut.redacted) == ([records[1]], 1)


_WORDS = st.sampled_from(
    [
        *(
            "@lena",
            "lena",
            "LENA",
            "@le\x00na",
            "\uff20Lena",
            "\u212aim",
            "@\u212aim",
            "Straße",
            "\u017f",
            "é",
            "视频",
            "ขอ",
        ),
        *(str(VIDEO), f"0{VIDEO}", str(VIDEO)[:-1], "\\u0040lena", "\\", '"', "\\u77", "1234", " ", "."),
    ]
)
_TEXTS = st.one_of(st.lists(_WORDS, max_size=5).map("".join), st.text(max_size=12))
_VALUES = st.recursive(
    st.one_of(_TEXTS, st.sampled_from([VIDEO, COMMENT, 5, None, True, 0.5])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=8,
)
_NAMES = st.one_of(
    st.sampled_from(["lena", "kim", "straße", "s", "é"]), st.text(min_size=1, max_size=5).map(plain_username)
)


@st.composite
def _pages(draw: st.DrawFn) -> Envelope:
    subject = draw(st.sampled_from([None, "lena", "Lena", str(VIDEO), "jo"]))
    dataset = draw(st.sampled_from([Dataset.VIDEOS, Dataset.COMMENTS, Dataset.USERS]))
    records = draw(st.lists(st.dictionaries(st.sampled_from(["id", "username", "text"]), _VALUES), max_size=3))
    escapes = draw(st.booleans())
    text = draw(st.one_of(_TEXTS, st.just(json.dumps({"data": {"videos": records}}, ensure_ascii=escapes))))
    request = draw(st.dictionaries(st.sampled_from(["username", "x"]), _VALUES, max_size=2))
    return page(dataset=dataset, subject=subject, request=request, body=text.encode("utf-8", "replace").decode())


@given(landed=_pages(), names=st.frozensets(_NAMES, max_size=2), has_ids=st.booleans())
def test_a_line_is_only_skipped_if_it_has_nothing(landed: Envelope, names: frozenset[str], has_ids: bool) -> None:  # noqa: FBT001
    """Whenever a line may not have it, the page stays as it is; and a page without it has nothing more to remove."""
    erased = NamedSubjects(
        videos=frozenset({VIDEO} if has_ids else ()),
        comments=frozenset({COMMENT} if has_ids else ()),
        users=names - {""},
    )
    cut = redacted(landed, erased)
    assert erased.may_be_in(landed.line().decode()) or cut is landed
    assert cut is None or redacted(cut, erased) is cut


@given(text=_TEXTS)
def test_a_text_is_cleaned_once(text: str) -> None:
    """A second cleaning finds nothing."""
    cleaned = without(text, LENA)
    assert without(cleaned, LENA) == cleaned
