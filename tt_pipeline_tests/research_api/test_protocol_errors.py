"""Each bad answer becomes the right error: the table of the reference, row by row."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tt_pipeline.codebook.endpoints import COMMENT_LIST, FOLLOWERS, TASK_DOWNLOAD, USER_INFO, VIDEO_QUERY, Endpoint
from tt_pipeline.errors import (
    QuotaExhausted,
    RateLimited,
    ScopeNotAuthorized,
    SearchIdRefused,
    SearchRejected,
    ServerFailure,
    TokenInvalid,
    TtPipelineError,
    UnexpectedResponse,
)
from tt_pipeline.research_api.page import Answer
from tt_pipeline.research_api.protocol import open_answer, read_page
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.research_api.server import answer, document


def raised(came: Answer, *, endpoint: Endpoint = VIDEO_QUERY, mute_before: int = 0, **request: Any) -> TtPipelineError:
    """The error that the answer raises."""
    with pytest.raises(TtPipelineError) as caught:
        read_page(
            endpoint, request, came, open_answer(endpoint, came, unreadable_before=mute_before), description="climate"
        )
    return caught.value


@pytest.mark.parametrize("status", [499, 520, 530, 999])
def test_a_status_that_http_does_not_define_breaks_nothing(status: int) -> None:
    """Gateways use numbers of their own; the code of the answer still says what it is."""
    body = b'{"error": {"code": "invalid_params", "message": "?"}}'
    assert isinstance(raised(answer("internal_error_a", status=status, body=body), endpoint=FOLLOWERS), SearchRejected)


@pytest.mark.parametrize(
    ("situation", "kind"),
    [
        ("access_token_invalid", TokenInvalid),
        ("scope_not_authorized", ScopeNotAuthorized),
        ("scope_permission_missed", ScopeNotAuthorized),
        ("invalid_params_search_id", SearchIdRefused),
        ("invalid_params_cursor", SearchIdRefused),
        ("invalid_params_dates", SearchRejected),
        ("invalid_params_eq_with_two_values", SearchRejected),
        ("invalid_params_unknown_field", SearchRejected),
        ("msg_instead_of_message", SearchRejected),
        ("invalid_param_without_s", SearchRejected),
        ("flat_error", SearchRejected),
        ("invalid_file_upload", SearchRejected),
        ("rate_limit_exceeded", RateLimited),
        ("rate_limit_html", RateLimited),
        ("daily_quota_limit_exceeded", QuotaExhausted),
        ("internal_error_a", ServerFailure),
        ("internal_error_b", ServerFailure),
        ("internal_error_c", ServerFailure),
        ("internal_error_without_a_message", ServerFailure),
        ("error_under_200", ServerFailure),
        ("timeout", ServerFailure),
        ("gateway_timeout_html", ServerFailure),
        ("cut_body", ServerFailure),
        ("unknown_code_500", ServerFailure),
        ("unknown_code_400", SearchRejected),
        ("unknown_code_200", UnexpectedResponse),
        ("html_404", UnexpectedResponse),
    ],
)
def test_an_answer_that_is_not_a_page_raises_its_error(situation: str, kind: type[TtPipelineError]) -> None:
    """The class of the error tells the caller what to do."""
    assert kind is type(raised(answer(situation)))


def test_the_error_has_what_support_requests() -> None:
    """The error has status, code, message and log_id."""
    error = raised(answer("msg_instead_of_message"))
    assert isinstance(error, SearchRejected)
    expected = ("climate", 400, "invalid_params", "Fields is invalid: favourites_count")
    assert expected == (error.request, error.status, error.code, error.message)
    assert error.log_id == "2026110506200024C1C099724CAF4941D4"


@pytest.mark.parametrize(
    ("endpoint", "bucket", "limit"), [(VIDEO_QUERY, Bucket.MAIN, 1_000), (FOLLOWERS, Bucket.SOCIAL, 20_000)]
)
def test_a_daily_429_names_bucket_and_reset(endpoint: Endpoint, bucket: Bucket, limit: int) -> None:
    """The error has the next midnight of UTC and states that the server ended the day."""
    error = raised(answer("daily_quota_limit_exceeded"), endpoint=endpoint)
    assert isinstance(error, QuotaExhausted)
    expected = (bucket, limit, datetime(2026, 11, 6, tzinfo=UTC), True)
    assert expected == (error.bucket, error.limit, error.resets_at, error.reported_by_server)


def test_an_unreadable_429_is_a_burst_three_times_and_then_the_day() -> None:
    """The fourth unreadable 429 of one request ends the day."""
    came = answer("rate_limit_html")
    kinds = [type(raised(came, mute_before=before)) for before in range(5)]
    assert [RateLimited, RateLimited, RateLimited, QuotaExhausted, QuotaExhausted] == kinds


def test_a_burst_has_the_servers_retry_after() -> None:
    """The error has the seconds of Retry-After."""
    error = raised(answer("rate_limit_exceeded", retry_after_s=7.0))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 7.0


def test_a_refused_user_is_not_a_result_of_a_search() -> None:
    """On a video query the same message is an error of the query."""
    assert SearchRejected is type(raised(answer("invalid_params_no_such_user"), endpoint=VIDEO_QUERY))


def test_data_under_500_must_be_complete_and_of_certain_endpoints() -> None:
    """HTTP 500 is a failure if its data is empty or its endpoint is the video query."""
    assert ServerFailure is type(raised(answer("empty_data_under_500_without_error"), endpoint=USER_INFO))
    assert ServerFailure is type(raised(answer("user_info_under_500_without_error"), endpoint=VIDEO_QUERY))


def test_a_refused_cursor_below_the_cap_may_pass_later() -> None:
    """An invalid cursor is the end of the list only beyond the thousandth comment."""
    error = raised(answer("invalid_params_cursor"), endpoint=COMMENT_LIST, cursor=800, max_count=100)
    assert SearchIdRefused is type(error)


def test_html_403_is_not_taken_for_a_closed_list() -> None:
    """The page of a firewall is not a refusal of an account."""
    came = answer("html_404", status=403)
    assert UnexpectedResponse is type(raised(came, endpoint=USER_INFO, username="lena"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, UnexpectedResponse),
        (401, TokenInvalid),
        (405, UnexpectedResponse),
        (408, ServerFailure),
        (502, ServerFailure),
        (503, ServerFailure),
        (520, ServerFailure),
    ],
)
def test_without_a_code_the_status_decides(status: int, kind: type[TtPipelineError]) -> None:
    """An unreadable body is judged by its HTTP class, also with an unregistered status."""
    assert kind is type(raised(answer("html_404", status=status)))


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"[" * 100_000, b"[" * 100 + b"]" * 100, b'{"data": {"videos": 1e', b"7" * 5_000 + b"x"],
)
def test_the_parser_accepts_every_body(body: bytes) -> None:
    """Any body under HTTP 200 is a page or a failure of the server."""
    assert ServerFailure is type(raised(answer("cut_body", body=body)))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(document("no_error_key").content.decode().encode("utf-16"), id="utf-16"),
    ],
)
def test_json_in_another_encoding_is_not_json(body: bytes) -> None:
    """The error has its length and its beginning, not all of it."""
    error = raised(answer("cut_body", body=body))
    assert ServerFailure is type(error)
    assert [(kept.size, len(kept.head) > 0) for kept in error.rejected] == [(len(body), True)]


def test_a_token_repeated_by_the_server_is_not_in_the_error() -> None:
    """A server that repeats the refused token does not bring it into our logs."""
    error = raised(answer("token_named_in_message"))
    assert "clt.sim0001" not in str(error)
    assert "clt.…" in str(error)


@pytest.mark.parametrize("status", [200, 504])
def test_a_download_that_is_html_is_a_failure(status: int) -> None:
    """A text is read as ids only if all its lines are ids."""
    came = answer("gateway_timeout_html", status=status)
    assert ServerFailure is type(raised(came, endpoint=TASK_DOWNLOAD))
