"""The methods text: sentences for a paper, as Markdown or LaTeX, in which every number has its unit and date."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.json_text import one_line
from tt_pipeline.reports.study_report.facts import Facts, number, percent, read_facts, share_of, shown
from tt_pipeline.reports.study_report.limitations import as_published, limitations
from tt_pipeline.reports.study_report.queries import SentQuery, sent_queries
from tt_pipeline.reports.study_report.rows import PublishedStudy

_API: Final = "tiktok-research-api"
_TOOL: Final = "tt-pipeline"
_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of the methods text.

    Attributes:
        words: With full stop.
        cites: Keys of the references, in their order.
    """

    words: str
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """The whole text.

    Attributes:
        paragraphs: Heading and sentences, in order.
        references: Reference by key, in the order in which they are first cited.
    """

    paragraphs: tuple[tuple[str, tuple[Sentence, ...]], ...]
    references: dict[str, str]

    def as_markdown(self) -> str:
        """The text with headings, and numbers in brackets that lead to the list of references."""
        places = {key: place for place, key in enumerate(self.references, start=1)}
        blocks = []
        for heading, sentences in self.paragraphs:
            words = []
            for each in sentences:
                written = Sentence(words=_markdown(each.words), cites=each.cites)
                words.append(_cited(written, lambda keys: f" [{', '.join(f'{places[key]}' for key in keys)}]"))
            blocks.append(f"## {heading}\n\n" + " ".join(words))
        listed = "\n".join(f"{place}. {self.references[key]}" for key, place in places.items())
        return "\n\n".join([*blocks, f"## References\n\n{listed}"]) + "\n"

    def as_latex(self) -> str:
        r"""The text with `\section*`, `\cite` and `thebibliography`; every text is escaped."""
        blocks = []
        for heading, sentences in self.paragraphs:
            words = []
            for each in sentences:
                written = Sentence(words=_latex(each.words), cites=each.cites)
                words.append(_cited(written, lambda keys: "~\\cite{" + ",".join(keys) + "}"))
            blocks.append(f"\\section*{{{_latex(heading)}}}\n" + "\n".join(words))
        items = "\n".join(f"\\bibitem{{{key}}} {_latex(words)}" for key, words in self.references.items())
        listed = f"\\begin{{thebibliography}}{{9}}\n{items}\n\\end{{thebibliography}}"
        return "\n\n".join([*blocks, listed]) + "\n"


def methods_of(study: PublishedStudy, facts: Facts | None = None, *, with_names: bool = False) -> Methods:
    """The methods text of a study.

    Args:
        study: The published file.
        facts: Its facts, if they were read already.
        with_names: Whether queries show accounts and ids.
    """
    known = read_facts(study) if facts is None else facts
    queries = sent_queries(study, with_names=with_names)
    return Methods(
        paragraphs=(
            ("Data collection", tuple(_collection(study, known, queries))),
            ("Data", tuple(_data(study, known))),
            ("Limitations", tuple(Sentence(words=words) for words in limitations(study, known))),
        ),
        references=_references(study, known),
    )


def _references(study: PublishedStudy, facts: Facts) -> dict[str, str]:
    read = f"{study.published_at:%Y-%m-%d}"
    return {
        _API: "TikTok. Research API. https://developers.tiktok.com/products/research-api/ (data published "
        f"here on {read}).",
        _TOOL: "The tt_pipeline authors. tt_pipeline: TikTok's Research API in a DuckDB warehouse, "
        f"version {facts['software'].shown} ({read[:4]}).",
    }


def _collection(study: PublishedStudy, facts: Facts, queries: Sequence[SentQuery]) -> Iterator[Sentence]:
    first, last = facts["first_request"].value, facts["last_request"].value
    when = f", between {first:%Y-%m-%d} and {last:%Y-%m-%d} (UTC)" if first and last else ""
    nothing = "; nothing had been collected"
    if study.is_simulated:
        yield Sentence(words="The server was a simulator: all people, videos and comments are invented.")
    yield Sentence(words=as_published(study))
    yield Sentence(
        words="The data come from TikTok's Research API and were collected with tt_pipeline, version "
        f"{facts['software'].shown}{when or nothing}.",
        cites=(_API, _TOOL),
    )
    if facts["first_day"].value:
        searches, days = (int(facts[name].value) for name in ("searches", "days"))
        yield Sentence(
            words=f"{counted(searches, 'search').capitalize()} covered {counted(days, 'day')} of posting from "
            f"{facts['first_day'].shown} to {facts['last_day'].shown} (UTC, both included)."
        )
    for query in queries:
        if query.english:
            yield Sentence(words=_of_query(query))
    looks = facts["looks_planned"].value
    if looks:
        yield Sentence(
            words=f"{counted(looks, 'look')} at each day of posting {'was' if looks == 1 else 'were'} planned."
        )
    if facts["requests"].value:
        wasted = facts["wasted_requests"].value
        yield Sentence(
            words=f"{counted(facts['requests'].value, 'request')} had been charged to the quota, "
            f"of which {counted(wasted, 'request')} returned an error or a refusal."
        )


def _of_query(query: SentQuery) -> str:
    name = one_line(query.search, longest=80)
    sent = f"first sent on {query.first_asked_at:%Y-%m-%d}" if query.first_asked_at else "not sent yet"
    until = (
        f", last sent on {query.last_asked_at:%Y-%m-%d} and replaced since"
        if not query.is_current and query.last_asked_at
        else ""
    )
    return f"The search “{name}” requested {query.english} ({sent}{until}, UTC)."


def _data(study: PublishedStudy, facts: Facts) -> Iterator[Sentence]:
    if share := share_of(facts, "complete_search_days", "search_days"):
        due, complete = facts["search_days"].value, facts["complete_search_days"].value
        yield Sentence(
            words=f"{counted(complete, 'day')} of searches were complete, of {counted(due, 'day')} "
            "that had reached "
            f"their age ({percent(share)})."
        )
    videos, fitting = number(facts, "videos"), number(facts, "fitting_videos")
    yield Sentence(
        words=f"The present searches had found {counted(videos, 'different video')}; "
        f"{counted(fitting, 'video')} of {counted(number(facts, 'creators'), 'creator')} fit a query or "
        "cannot be judged."
    )
    if facts["comments"].value:
        yield Sentence(
            words=f"{counted(facts['comments'].value, 'comment')} under these videos had been collected, "
            f"{counted(facts['replies'].value, 'comment')} of them replies."
        )
    for row in study.rows_of("estimates").rows if facts["drawn_videos"].value else ():
        if row["quantity"].endswith("per video"):
            low, middle, high = (shown(float(row[name])) for name in ("lower_95", "estimate", "upper_95"))
            noun = row["quantity"].removesuffix(" per video")
            yield Sentence(
                words=f"The estimated mean was {middle} {noun} per video that could be drawn (95 % "
                f"interval: {low} "
                f"{noun} to {high} {noun})."
            )
    if facts["profiles"].value:
        yield Sentence(words=f"{counted(facts['profiles'].value, 'profile')} of creators had been returned.")
    if facts["deletions"].value:
        yield Sentence(words=f"{counted(facts['deletions'].value, 'item')} had been deleted from the data.")


def _cited(sentence: Sentence, write: Callable[[tuple[str, ...]], str]) -> str:
    """The sentence with its references before the full stop."""
    if not sentence.cites:
        return sentence.words
    return f"{sentence.words.removesuffix('.')}{write(sentence.cites)}."


def _markdown(words: str) -> str:
    """A text in which nothing is a sign of Markdown."""
    return re.sub(r"([\\`*_<>#|\[\]])", r"\\\1", words)


def _latex(words: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in words)
