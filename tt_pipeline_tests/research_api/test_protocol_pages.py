"""Good answers become pages."""

import json
from typing import Any

import pytest

from tt_pipeline.codebook.endpoints import (
    COMMENT_LIST,
    ENDPOINTS,
    FOLLOWERS,
    FOLLOWING,
    LIKED,
    PINNED,
    PLAYLIST,
    REPOSTED,
    TASK_CREATE,
    TASK_DOWNLOAD,
    TASK_STATUS,
    USER_INFO,
    VIDEO_QUERY,
    Endpoint,
)
from tt_pipeline.research_api.page import Page
from tt_pipeline.research_api.protocol import open_answer, read_page
from tt_pipeline.vocabulary import Refusal, StopReason
from tt_pipeline_tests.research_api.server import NOON, answer


def page(endpoint: Endpoint, situation: str, **request: Any) -> Page:
    """The page that a document becomes."""
    came = answer(situation)
    return read_page(endpoint, request, came, open_answer(endpoint, came), description="something")


def kept(situation: str) -> Any:
    """The data of a document."""
    return json.loads(answer(situation).body)["data"]


def test_a_page_keeps_the_answer_byte_for_byte_and_counts_its_slots() -> None:
    """Ten slots with three visible videos are a page of three records and ten slots."""
    came = answer("video_query_first_page")
    assert page(VIDEO_QUERY, "video_query_first_page", max_count=10) == Page(
        endpoint="video_query",
        request={"max_count": 10},
        fetched_at=NOON,
        status=200,
        body=came.body,
        records=tuple(kept("video_query_first_page")["videos"]),
        slots=10,
        cursor=10,
        has_more=True,
        search_id="7704563166105409433",
        log_id="202611050600023B1612DD272D1371C171",
    )


@pytest.mark.parametrize(
    ("situation", "requested_cursor", "expected"),
    [
        ("video_query_empty_middle_page", 10, (0, 10, 20, True, "7704563166105409433")),
        ("video_query_last_page", 20, (1, 3, 23, False, "7704563166105409433")),
        ("video_query_nothing_found", None, (0, 0, 0, False, None)),
        ("no_error_key", None, (0, 0, 0, False, None)),
        ("data_without_list", None, (0, 0, None, False, None)),
        ("old_and_textual_ids", None, (2, 100, 100, True, "7704563166105409433")),
    ],
)
def test_the_cursor_counts_hidden_videos(
    situation: str, requested_cursor: int | None, expected: tuple[int, int, int | None, bool, str | None]
) -> None:
    """The step of the cursor is the number of slots, however many records there are."""
    read = page(VIDEO_QUERY, situation, cursor=requested_cursor)
    assert expected == (len(read.records), read.slots, read.cursor, read.has_more, read.search_id)


@pytest.mark.parametrize(
    ("endpoint", "situation", "list_key"),
    [
        (COMMENT_LIST, "comments_of_a_video", "comments"),
        (COMMENT_LIST, "replies_to_a_comment", "comments"),
        (FOLLOWERS, "followers", "user_followers"),
        (FOLLOWING, "following", "user_following"),
        (FOLLOWING, "following_under_the_followers_key", "user_followers"),
        (LIKED, "liked_videos", "user_liked_videos"),
        (PINNED, "pinned_videos", "pinned_videos_list"),
        (REPOSTED, "reposted_videos", "reposted_videos"),
        (REPOSTED, "reposted_under_the_docs_key", "user_reposted_videos"),
    ],
)
def test_records_are_found_under_every_key_that_documents_and_servers_use(
    endpoint: Endpoint, situation: str, list_key: str
) -> None:
    """The records are the list, whichever of its keys it has."""
    assert tuple(kept(situation)[list_key]) == page(endpoint, situation).records


def test_a_list_without_index_counts_records_as_slots() -> None:
    """A cursor in milliseconds does not count hidden videos."""
    read = page(LIKED, "liked_videos", username="imker_jo")
    assert (read.slots, read.cursor) == (1, 1793635200000)


def test_comments_without_list_and_cursor_are_an_empty_page() -> None:
    """A null list and a null cursor mean that there are no comments."""
    read = page(COMMENT_LIST, "comments_with_nulls")
    assert (read.records, read.cursor, read.has_more) == ((), None, False)


def test_a_profile_gets_the_requested_username() -> None:
    """User info does not return the username, so the record has that of the request."""
    read = page(USER_INFO, "user_info", username="garten.mit.lena")
    assert ({"username": "garten.mit.lena"} | kept("user_info"),) == read.records


def test_a_profile_keeps_the_username_of_the_answer() -> None:
    """A username in the answer wins over the requested one."""
    read = page(USER_INFO, "user_info_with_username", username="garten.mit.lena")
    assert read.records == ({"username": "Garten.mit.lena", "follower_count": 48211},)


def test_a_good_body_under_http_500_is_good_on_playlists_and_users() -> None:
    """Playlists answer 500 with complete data; a user's data without an error is data too."""
    assert page(PLAYLIST, "playlist_under_500").records == ({"id": 7703574340619688476}, {"id": 7703330188537300635})
    assert len(page(USER_INFO, "user_info_under_500_without_error", username="lena").records) == 1


def test_compliance_tasks_are_pages_of_one_record() -> None:
    """A task's number keeps all its digits, also beyond 64 bits."""
    assert page(TASK_CREATE, "validation_task_create").records == ({"task_id": 7704565739335305330},)
    assert page(TASK_CREATE, "validation_task_create_beyond_64_bits").records == ({"task_id": 77045657393353053301234},)
    assert page(TASK_STATUS, "validation_task_status").records == ({"task_status": "Completed"},)


def test_valid_ids_come_as_lines_of_text() -> None:
    """A download that is not JSON is read as ids."""
    expected = ({"id": 7703574340619688476}, {"id": 7703330188537300635})
    assert expected == page(TASK_DOWNLOAD, "validation_task_download").records


def test_one_valid_id_alone_is_text_although_it_would_be_json() -> None:
    """A body of one number is a list with one id."""
    came = answer("validation_task_download", body=b"7703574340619688476\n")
    read = read_page(TASK_DOWNLOAD, {}, came, open_answer(TASK_DOWNLOAD, came), description="x")
    assert read.records == ({"id": 7703574340619688476},)


@pytest.mark.parametrize(
    ("endpoint", "situation", "refusal"),
    [
        (USER_INFO, "invalid_params_no_such_user", Refusal.NOT_FOUND),
        (USER_INFO, "invalid_params_refused_user", Refusal.REFUSED),
        (USER_INFO, "invalid_params_private_account", Refusal.PRIVATE),
        (LIKED, "invalid_params_list_not_public", Refusal.REFUSED),
        (LIKED, "list_closed_403", Refusal.REFUSED),
        (FOLLOWERS, "user_gone_404", Refusal.NOT_FOUND),
        (COMMENT_LIST, "comments_not_disclosed", Refusal.REFUSED),
    ],
)
def test_a_refused_account_or_video_is_a_result(endpoint: Endpoint, situation: str, refusal: Refusal) -> None:
    """A refusal is a page without records that ends its list and keeps the error's body."""
    came, read = answer(situation), page(endpoint, situation)
    expected = (refusal, StopReason.REFUSED, (), came.body, came.status)
    assert expected == (read.refusal, read.ends, read.records, read.body, read.status)


def test_a_refusal_says_that_a_secret_was_removed_from_it() -> None:
    """The landed line must not look like the bytes that came."""
    came = answer("invalid_params_no_such_user", scrubbed=2)
    read = read_page(USER_INFO, {}, came, open_answer(USER_INFO, came), description="something")
    assert (read.refusal, read.scrubbed) == (Refusal.NOT_FOUND, 2)


def test_invalid_params_beyond_the_thousandth_comment_end_the_list() -> None:
    """A request beyond the cap gets an error that only means the end of the list."""
    read = page(COMMENT_LIST, "invalid_params_cursor", cursor=1000, max_count=100)
    assert (read.ends, read.refusal) == (StopReason.COMMENT_CAP, None)


def test_every_endpoint_has_its_own_name_and_a_path_that_ends_in_a_slash() -> None:
    """The server answers paths with a slash; names tell endpoints apart in the ledger."""
    assert [e.name for e in ENDPOINTS.values() if not e.path.endswith("/") or not e.path.startswith("/v2/")] == []
    assert len(ENDPOINTS) == len({e.path for e in ENDPOINTS.values()})
