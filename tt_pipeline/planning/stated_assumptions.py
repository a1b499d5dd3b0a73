"""Writes the assumptions that a plan uses, one sentence for each."""

import math
from collections.abc import Iterator
from datetime import UTC

from tt_pipeline.codebook.datasets import ACCOUNT_LISTS
from tt_pipeline.codebook.limits import PAGE_SIZE, WINDOW_DAYS
from tt_pipeline.counted import counted, every
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.costs import Costs
from tt_pipeline.planning.estimate import ONE, Estimate
from tt_pipeline.vocabulary import AccountList, ConditionField


def stated_assumptions(costs: Costs) -> Iterator[str]:
    """The assumptions that the plan of this study uses, as sentences."""
    yield from _of_searches(costs)
    if costs.study.comments.wanted:
        yield from _of_comments(costs)
    if costs.study.users.wanted:
        yield from _of_users(costs)
    yield from _of_lists(costs)
    yield f"Days that are due now are requested in windows of up to {WINDOW_DAYS} days, later days one by one."
    low, high = assumptions.FAILURES.low - 1, assumptions.FAILURES.high - 1
    yield f"{low:.0%} to {high:.0%} of the requests fail; a failed one costs as much."
    days = counted(costs.study.compliance.refresh_days, "day")
    yield (
        f"Everything stored is checked again within {days} by `tt refresh`, also after the study has ended; a day's"
        " checks take at most a tenth of the quota for videos and another for comments."
    )
    if costs.study.users.is_strict:
        yield "Every profile is requested again within that time, one request each, with at most another tenth."


def _of_searches(costs: Costs) -> Iterator[str]:
    rates = costs.evidence.rates
    assumed = [rate for rate in rates.values() if not rate.days]
    if any(rate.earlier_days for rate in assumed):
        yield "A search whose edit only leaves videos out finds at least half of those of its earlier query."
    unknown = [rate for rate in assumed if not rate.earlier_days]
    if any(rate.is_override for rate in unknown):
        yield f"A number from --videos-per-day may be {assumptions.OVERRIDE_ERROR:.0%} off."
    elif unknown:
        word, account = (assumptions.VIDEOS_A_DAY[each] for each in (ConditionField.KEYWORD, ConditionField.USERNAME))
        yield f"A keyword or hashtag finds {_range(word)} videos a day; an account posts {_range(account)}."
    if unknown:
        low, high = 1 / assumptions.SLOTS_A_VIDEO.high, 1 / assumptions.SLOTS_A_VIDEO.low
        yield f"Pages are {low:.0%} to {high:.0%} full: hidden videos take up places that cost requests too."
    if assumed and len(rates) > 1:
        share = assumptions.DISTINCT
        yield f"{share.low:.0%} to {share.high:.0%} of the videos that several searches find are different ones."
    yield from _of_samples(costs)


def _of_samples(costs: Costs) -> Iterator[str]:
    looks = len(costs.study.looks)
    for search in costs.study.searches:
        if search.sample:
            most = f"{counted(search.sample.random * search.draws, 'video')} of a day at a look"
            yield f"{search.name}: at most {most}" + (f", others at each of {looks}." if looks > 1 else ".")


def _of_comments(costs: Costs) -> Iterator[str]:
    evidence, rules = costs.evidence, costs.study.comments
    if not evidence.counts.videos:
        none, median = assumptions.ZERO_SHARE, assumptions.MEDIAN_COMMENTS
        share = f"{none.low:.0%} to {none.high:.0%} of the videos have no comment (likely {none.likely:.0%})"
        yield f"{share}; half of the others have {median:g} or fewer, a few have thousands."
    if evidence.counts.growth == assumptions.YOUNG_COUNTS:
        more = assumptions.YOUNG_COUNTS.high - 1
        yield f"Comment counts were read from young videos; the comments may cost up to {more:.0%} more than they say."
    if rules.sample:
        drawn = counted(rules.sample.per_stratum, "video")
        yield f"A sample draws at most {drawn} of a search, a day and a size class."
    if rules.replies and evidence.replies.listed:
        listed = counted(evidence.replies.listed, "request")
        yield f"Replies are estimated from {listed} for comments whose replies have landed."
    elif rules.replies:
        yield f"Each request for comments needs {_range(assumptions.REPLIES)} more for the replies that it leaves out."


def _of_users(costs: Costs) -> Iterator[str]:
    evidence, rules = costs.evidence, costs.study.users
    if not evidence.calibrated_creators:
        share, few = _range(assumptions.CREATORS_A_VIDEO), assumptions.FEW_VIDEOS
        yield f"There are {share} creators for each video, fewer beyond {few:,} videos."
    if rules.mentioned and not evidence.calibrated_named:
        mentioned = _range(assumptions.MENTIONED_A_VIDEO)
        yield f"A video mentions {mentioned} accounts that are not among the creators."
    yield f"A creator is requested once in {counted(rules.every_days, 'day')}, however many searches find them."


def _of_lists(costs: Costs) -> Iterator[str]:
    rules = costs.study.accounts
    if rules is None:
        return
    last_day = max(costs.planned.last_day, costs.now.astimezone(UTC).date())
    yield f"A list is observed {every(rules.every_days)}, also after the study's end; counted until {last_day}."
    if not costs.evidence.lists.has_landed:
        yield from (_of_list(each, rules.max_per_list) for each in rules.lists)


def _of_list(account_list: AccountList, max_per_list: int) -> str:
    pages = assumptions.PAGES_OF_A_LIST[account_list].at_most(1 + math.ceil(max_per_list / PAGE_SIZE))
    requests = "1 request" if pages == ONE else f"{_range(pages)} requests"
    if ACCOUNT_LISTS[account_list].is_by_playlist:
        playlists = _range(assumptions.PLAYLISTS_AN_ACCOUNT)
        return f"Found videos name {playlists} playlists of an account; each costs {requests}."
    return f"An account's {account_list} list costs {requests} on the average."


def _range(estimate: Estimate) -> str:
    if estimate.low == estimate.high:
        return f"{estimate.likely:g}"
    return f"{estimate.low:g} to {estimate.high:g} (likely {estimate.likely:g})"
