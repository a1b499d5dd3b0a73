"""Accounts and videos are found in what people paste, and nothing is sent for it."""

import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.links import account_page, username_in, video_id_in, video_page

VIDEO = 7302470379501604128


@pytest.mark.parametrize(
    "text",
    [
        "tiktok",
        "@tiktok",
        " @tiktok ",
        "https://www.tiktok.com/@tiktok",
        "www.tiktok.com/@tiktok?lang=de",
        f"https://m.tiktok.com/@tiktok/video/{VIDEO}?is_from_webapp=1",
    ],
)
def test_an_account_is_a_handle_or_a_link(text: str) -> None:
    """The handle is found with and without @, in the link of a profile and in that of a video."""
    assert username_in(text) == "tiktok"


@pytest.mark.parametrize(
    "text",
    [
        VIDEO,
        f" {VIDEO} ",
        f"https://www.tiktok.com/@statisticsglobe/video/{VIDEO}",
        f"https://www.tiktok.com/@/photo/{VIDEO}?q=1",
        f"https://m.tiktok.com/v/{VIDEO}.html",
        f"https://www.tiktok.com/embed/v2/{VIDEO}",
    ],
)
def test_a_video_is_an_id_or_a_link(text: str | int) -> None:
    """The id is found as a number, as digits, and in every kind of long link."""
    assert video_id_in(text) == VIDEO


@pytest.mark.parametrize("link", ["https://vm.tiktok.com/ZMabc/", "vt.tiktok.com/x1", "https://www.tiktok.com/t/ZTabc"])
def test_a_short_link_gets_one_sentence(link: str) -> None:
    """Only TikTok knows where it leads, so the sentence says how to find out."""
    with pytest.raises(UsageError) as error:
        video_id_in(link)
    assert str(error.value) == (
        f"{link} is a short link, and only TikTok knows where it leads: open it in a browser, and name the long "
        "address that it becomes."
    )


@pytest.mark.parametrize("text", ["", "@", "two words", "https://example.org/tiktok"])
def test_other_texts_are_no_account(text: str) -> None:
    """The message says what an account is."""
    with pytest.raises(UsageError, match="is not an account; write its handle"):
        username_in(text)


@pytest.mark.parametrize("text", ["", "12", "7e18", "https://www.tiktok.com/@tiktok", "99999999999999999999"])
def test_other_texts_are_no_video(text: str) -> None:
    """Also a number that is too small for an id of TikTok's."""
    with pytest.raises(UsageError, match="is not a video; write its id"):
        video_id_in(text)


@pytest.mark.parametrize(
    ("username", "page"),
    [("lena.eco", "@lena.eco"), ("a/../b", "@a%2F..%2Fb"), ('"><b>', "@%22%3E%3Cb%3E"), ("a?x#y", "@a%3Fx%23y")],
)
def test_the_page_of_an_account_has_only_its_handle(username: str, page: str) -> None:
    """No character of a handle leads to another page."""
    assert account_page(username) == f"https://www.tiktok.com/{page}"


def test_the_page_of_a_video_leads_back_to_its_id() -> None:
    """What the link says is read again as the same video."""
    assert video_id_in(video_page(7296688856609475882)) == 7296688856609475882
