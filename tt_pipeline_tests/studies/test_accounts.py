"""Accounts that are observed by their lists."""

from pathlib import Path

from tt_pipeline.studies import AccountRules, TopCreators
from tt_pipeline.vocabulary import AccountList, Username
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES, refusal, written


def accounts(text: str) -> str:
    """A study that observes accounts; the key is in line 4."""
    return f"{HEAD}{SEARCHES}accounts: {text}\n"


def test_no_account_is_observed_unless_the_study_says_so() -> None:
    """Lists have a separate quota and are personal data, so they are opt-in."""
    assert written(HEAD + SEARCHES).accounts is None


def test_named_accounts_have_the_defaults() -> None:
    """Once a week, 5,000 records a list; handles and lists keep their order without repetition."""
    study = written(accounts("{usernames: [b, '@a', 'https://www.tiktok.com/@b'], lists: [pinned, followers, pinned]}"))

    assert study.accounts == AccountRules(
        usernames=(Username("b"), Username("a")),
        top_creators=None,
        lists=(AccountList.PINNED, AccountList.FOLLOWERS),
        every_days=7,
        max_per_list=5000,
    )
    assert study.notices == ("accounts.usernames: '@a' is read as a, and 1 more likewise.",)


def test_every_rule_of_accounts_can_be_written() -> None:
    """Top creators alone are enough, and each default can be replaced."""
    study = written(
        accounts("{top_creators: {search: climate, most: 9}, lists: liked, every_days: 1, max_per_list: 3}")
    )

    assert study.accounts == AccountRules(
        usernames=(),
        top_creators=TopCreators(search="climate", most=9),
        lists=(AccountList.LIKED,),
        every_days=1,
        max_per_list=3,
    )


def test_a_hundred_top_creators_by_default() -> None:
    """Only the search must be named."""
    study = written(accounts("{top_creators: {search: climate}, lists: reposted}"))

    assert study.accounts is not None
    assert study.accounts.top_creators == TopCreators(search="climate", most=100)


def test_accounts_may_be_in_a_file() -> None:
    """The file has one a line, and the error about a bad line has its number."""
    Path("accounts.txt").write_text("# ministries\n@bmuv\nhttps://www.tiktok.com/@bmwk\n")
    study = written(accounts("{usernames: {file: accounts.txt}, lists: followers}"))
    assert study.accounts is not None
    assert study.accounts.usernames == ("bmuv", "bmwk")

    Path("accounts.txt").write_text("bmuv\nb m w k\n")
    assert refusal(accounts("{usernames: {file: accounts.txt}, lists: followers}")) == (
        "accounts.txt:2: accounts.usernames[1]: 'b m w k' is not a username; write the handle without @."
    )


def test_followers_beyond_the_limit_get_a_notice() -> None:
    """A study cannot get more followers than TikTok returns."""
    more = "max_per_list: 9000}"
    notices = written(accounts(f"{{usernames: a, lists: followers, {more}")).notices

    assert notices == (
        "accounts.max_per_list: TikTok returns about 5,000 followers of an account; others cannot be collected.",
    )
    assert written(accounts(f"{{usernames: a, lists: liked, {more}")).notices == ()
