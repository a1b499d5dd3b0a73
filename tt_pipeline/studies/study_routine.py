"""The study's schedule and quota as English sentences; `search_sentence.py` describes its searches."""

from collections.abc import Iterator

from tt_pipeline.counted import counted, every
from tt_pipeline.query import spoken
from tt_pipeline.studies.search_sentence import named
from tt_pipeline.studies.study import AccountRules, CommentRules, PrivacyRules, QuotaRules, Study, UserRules


def routine(study: Study) -> Iterator[str]:
    """One sentence each about looks, comments, creators, observed accounts, fields left out, and the quota."""
    ages = spoken([str(age) for age in study.looks], last="and")
    often = "" if study.looks[1:] else " once"
    yield f"Each day is looked at{often} when it is {ages} {'day' if study.looks == (1,) else 'days'} old."
    yield _comments(study.comments)
    yield _creators(study.users)
    if study.accounts:
        yield _accounts(study.accounts)
    if study.privacy.omitted:
        yield _privacy(study.privacy)
    yield _quota(study.quota)


def _comments(rules: CommentRules) -> str:
    if not rules.wanted:
        return "No comments are collected."
    whose = f"videos with at least {counted(rules.min_comments, 'comment')}" if rules.min_comments else "all videos"
    if rules.sample:
        drawn = counted(rules.sample.per_stratum, "video")
        whose += f", of which at most {drawn} of each search, day and size class are drawn (seed {rules.sample.seed})"
    once = f"Comments are collected once, when a video is {counted(rules.after_days, 'day')} old: of {whose}"
    replies = " Missing replies are requested by comment." if rules.replies else ""
    return f"{once}; at most {rules.max_per_video:,} a video.{replies}"


def _creators(rules: UserRules) -> str:
    if not rules.wanted:
        return "No profiles of creators are collected."
    whose = "creators and of accounts that their videos mention" if rules.mentioned else "creators"
    return (
        f"Profiles of {whose} are collected when a video names them for the first time, and again after "
        f"{counted(rules.every_days, 'day')} ({counted(rules.refused_days, 'day')} when not found or refused)."
        + (" `tt refresh` requests every stored profile again." if rules.is_strict else "")
    )


def _accounts(rules: AccountRules) -> str:
    whose = [f"{counted(len(rules.usernames), 'account')} ({named(rules.usernames, last='and')})"]
    if top := rules.top_creators:
        mostly = f"the {counted(top.most, 'account')} whose videos {top.search} found most often"
        whose = [*(whose if rules.usernames else []), mostly]
    lists, is_one = spoken(rules.lists, last="and"), len(rules.lists) == 1
    what = (
        f"The {'list' if is_one else 'lists'} {lists} of {' and of '.join(whose)} {'is' if is_one else 'are'} observed"
    )
    return f"{what} {every(rules.every_days)}; at most {counted(rules.max_per_list, 'record')} a list."


def _privacy(rules: PrivacyRules) -> str:
    omitted = spoken(sorted(rules.omitted), last="or")
    return f"No request lists {omitted}: these columns stay empty, which does not mean that there was nothing."


def _quota(rules: QuotaRules) -> str:
    spent = (
        f"At most {counted(rules.requests_per_day, 'request')} a day are sent, {rules.requests_per_second:g} a second"
    )
    repeated = f"; above {counted(rules.confirm_above, 'request')}, collected days are requested again only after a yes"
    reserve = f"; backfills leave {rules.reserve_for_daily:,} of them for the daily run"
    unconfirmed = (
        "" if rules.confirmed else " Nothing is sent to TikTok before the study says `quota: {confirmed: true}`."
    )
    return f"{spent}{repeated}{reserve if rules.reserve_for_daily else ''}.{unconfirmed}"
