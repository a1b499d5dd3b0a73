"""Drafts a data management plan with a record of processing (GDPR, Art. 30) from the study and the data dir.

The text has no id and no name of an account: searches for them are described by their number. What only a person knows
is marked `[to be filled in: …]`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from tt_pipeline.codebook.fields import COMMENT, LISTED_ACCOUNT, PLAYLIST, PROFILE, VIDEO, Field, Given, Privacy, Record
from tt_pipeline.counted import counted, every
from tt_pipeline.coverage import source_of
from tt_pipeline.duties.agreed_duties import AGREED
from tt_pipeline.duties.state_of_duties import DutyState
from tt_pipeline.query import Condition, Query
from tt_pipeline.settings import Settings, is_loopback
from tt_pipeline.studies import Search, Study, routine, sentence
from tt_pipeline.vocabulary import AccountList, ConditionField

_OF_SUBJECTS: Final = {
    ConditionField.USERNAME: "account",
    ConditionField.VIDEO_ID: "video id",
    ConditionField.MUSIC_ID: "sound id",
    ConditionField.EFFECT_ID: "effect id",
}
"""Values that lead to a person; the text has their number."""
_CLASSES: Final = {
    Privacy.IDENTIFYING: "names an account",
    Privacy.PROFILE: "how an account shows itself",
    Privacy.CONTENT: "what a person wrote, said or chose to show",
    Privacy.LINKABLE: "leads to a person through the platform",
    Privacy.NONE: "counts, times and settings of the above",
}


def management_plan(settings: Settings, study: Study, state: DutyState) -> str:
    """The draft, in Markdown."""
    parts = (
        _head(study, state),
        _record(settings, study, state),
        _collected(study),
        _personal_data(study),
        _safeguards(study),
        _stored(settings, study, state),
        _terms(),
        _management(),
    )
    return "\n".join(line for part in parts for line in (*part, ""))


def _gap(what: str) -> str:
    return f"[to be filled in: {what}]"


def _head(study: Study, state: DutyState) -> Iterator[str]:
    yield f"# Data management plan and record of processing: {' '.join(study.title.split())}"
    yield ""
    yield (
        f"Drafted by tt_pipeline {version('tt-pipeline')} on {state.now:%Y-%m-%d} from the study and its data dir."
        " It states what the software is set to do and what it finds; it is not legal advice."
    )
    yield "Replace every text in square brackets, and draft it again after the study was changed."


def _record(settings: Settings, study: Study, state: DutyState) -> Iterator[str]:
    yield "## 1. Record of processing activities (GDPR, Art. 30(1))"
    yield ""
    rows = [
        ("Controller; joint controllers (a)", _gap("organisation, address, contact; other organisations")),
        ("Data protection officer (a)", _gap("name and contact")),
        ("Responsible researcher", _gap("principal investigator; person who runs the software")),
        (
            "Purposes (b)",
            f"Scientific research: “{study.title}”. {_gap('research question, number of the approved project')}",
        ),
        ("Categories of persons (c)", f"{', '.join(_persons(study))}. {_gap('children or other vulnerable persons?')}"),
        ("Categories of data (c)", "Section 3."),
        ("Source (Art. 14)", f"TikTok's Research API, {_host(settings)}; not from the persons themselves."),
        (
            "Recipients (d)",
            f"{_readers(state)} TikTok receives the queries. {_gap('partners, publisher, archive; service providers')}",
        ),
        (
            "Transfers to third countries (e)",
            (
                f"The software sends queries, and ids for checks, to {_host(settings)} and data to nobody."
                f" {_gap('whether TikTok or a provider is in a third country, and which safeguard applies')}"
            ),
        ),
        (
            "Time limits for erasure (f)",
            (
                f"What the API no longer returns: looked for {every(study.compliance.refresh_days)}, hidden, and"
                f" deleted after a second answer. Everything: {_gap('day on which the project or the access ends')}."
            ),
        ),
        ("Technical and organisational measures (g)", "Section 5."),
    ]
    yield from _table(("field", "entry"), rows)


def _persons(study: Study) -> Iterator[str]:
    yield "creators of the videos that the searches find"
    if study.comments.wanted:
        yield "authors of comments"
    if study.privacy.mentions or study.users.mentioned:
        yield "accounts that are mentioned"
    if study.accounts:
        yield "observed accounts and the accounts in their lists"
    yield "persons who are shown, heard or named"


def _collected(study: Study) -> Iterator[str]:
    yield "## 2. What is collected"
    yield ""
    yield f"Days: {study.first_day} to {study.last_day or 'no last day'} (UTC)."
    yield ""
    for number, search in enumerate(study.searches, start=1):
        phrase = sentence(_without_subjects(search)).replace('"(', "(").replace(')"', ")")
        yield f"- Search {number}: {phrase}."
    if study.accounts:
        top = (
            f"; the {study.accounts.top_creators.most:,} creators that a search finds most"
            if study.accounts.top_creators
            else ""
        )
        lists = ", ".join(study.accounts.lists)
        yield (
            f"- Lists of accounts: {lists}, {every(study.accounts.every_days)}, of"
            f" {counted(len(study.accounts.usernames), 'named account')}{top}."
        )
    for rule in routine(replace(study, accounts=None)):
        yield f"- {rule}"
    yield ""
    yield f"Why this much and not less: {_gap('necessity of each search, of comments and of profiles')}"


def _without_subjects(search: Search) -> Search | Query:
    """The search with numbers in place of names and ids."""
    if search.parts:
        return search
    groups = (
        tuple(map(_counted_values, group)) for group in (search.query.all_of, search.query.any_of, search.query.none_of)
    )
    all_of, any_of, none_of = groups
    return replace(search, query=Query(all_of=all_of, any_of=any_of, none_of=none_of))


def _counted_values(condition: Condition) -> Condition:
    if noun := _OF_SUBJECTS.get(condition.field):
        return replace(condition, values=(f"({counted(len(condition.values), noun)})",))
    if condition.field in {ConditionField.KEYWORD, ConditionField.HASHTAG_NAME}:
        plain = [value for value in condition.values if not value.lstrip().startswith(("@", "\uff20"))]
        names = len(condition.values) - len(plain)
        return replace(condition, values=(*plain, *([f"({counted(names, 'account')})"] if names else [])))
    return condition


def _personal_data(study: Study) -> Iterator[str]:
    yield "## 3. Kinds of personal data"
    yield ""
    yield "The fields that answers can have, by their privacy class in the software's catalog (`tt describe`)."
    yield ""
    yield from _table(("record", "class", "fields"), _fields(study))
    yield ""
    omitted = ", ".join(sorted(study.privacy.omitted)) or "none"
    yield f"Left out of every request by the study's `privacy`: {omitted}."
    yield ""
    yield (
        "Texts, transcripts and profiles can show political opinions, beliefs, health or sexual orientation (Art. 9):"
        f" {_gap('whether that is expected, and the exception of Art. 9(2) and national law')}"
    )


def _fields(study: Study) -> Iterator[tuple[str, ...]]:
    for name, record in _records(study):
        for privacy, meaning in _CLASSES.items():
            fields = [
                each.name
                for each in record
                if _privacy(each) is privacy
                and each.given is not Given.NEVER
                and each.name not in study.privacy.omitted
            ]
            if fields:
                yield name, f"{privacy.value}: {meaning}", ", ".join(fields)


def _privacy(field: Field) -> Privacy:
    """The class of a field, or of the most personal field in its objects."""
    found = {field.privacy, *(each.privacy for each in field.items)}
    return next(privacy for privacy in _CLASSES if privacy in found)


def _records(study: Study) -> Iterator[tuple[str, Record]]:
    yield "videos", VIDEO
    if study.comments.wanted:
        yield "comments", COMMENT
    if study.users.wanted:
        yield "profiles", PROFILE
    lists = study.accounts.lists if study.accounts else ()
    if {AccountList.FOLLOWERS, AccountList.FOLLOWING} & set(lists):
        yield "accounts in lists", LISTED_ACCOUNT
    if AccountList.PLAYLISTS in lists:
        yield "playlists", PLAYLIST


def _safeguards(study: Study) -> Iterator[str]:
    yield "## 4. Legal basis and safeguards (GDPR, Art. 6, 14, 35 and 89)"
    yield ""
    minimised = [
        f"comments: {'yes' if study.comments.wanted else 'no'}",
        f"profiles: {'yes' if study.users.wanted else 'no'}",
        f"fields left out: {len(study.privacy.omitted)}",
    ]
    rows = [
        ("Legal basis (Art. 6)", _gap("public interest or legitimate interests, with the balance; national law")),
        ("Data minimisation (Art. 89(1))", f"{'; '.join(minimised)}. Videos themselves are never downloaded."),
        (
            "Pseudonymisation (Art. 89(1))",
            (
                "`tt export --pseudonymous` replaces handles by keyed hashes and masks names, links and numbers in"
                f" texts; {_gap('who analyses pseudonymous data only, and who keeps the key')}"
            ),
        ),
        (
            "Could the purpose be reached with anonymous data?",
            _gap("why not, and from which step on aggregates are enough"),
        ),
        (
            "Information of the persons (Art. 14)",
            _gap("public notice; or why informing each is impossible or a disproportionate effort, Art. 14(5)(b)"),
        ),
        (
            "Rights of the persons",
            (
                "`tt trace` finds what is stored of an account, and where; `tt purge` deletes it and keeps it out."
                f" {_gap('contact for requests; rights that Art. 89(2) and national law restrict')}"
            ),
        ),
        ("Data protection impact assessment (Art. 35)", _gap("done on, or why it is not needed")),
        ("Ethics board", _gap("board, number and date of the vote")),
    ]
    yield from _table(("question", "answer"), rows)


def _stored(settings: Settings, study: Study, state: DutyState) -> Iterator[str]:
    yield "## 5. Storage, copies, access and measures"
    yield ""
    rows = "; ".join(f"{name}: {number:,}" for name, number in state.rows.items() if name != "days") or "nothing yet"
    as_of = f" (as published on {state.published_at:%Y-%m-%d})" if state.published_at else ""
    checks = "; ".join(f"{each.kind}s: {each.overdue:,} of {each.stored:,} overdue" for each in state.checks)
    newest = next((each.made_at for each in state.backups if each.made_at), None)
    entries = [
        ("Stored", f"{rows}{as_of}."),
        ("Where", f"`{_place(settings.data_dir)}` on {_gap('machine, its disk encryption, its place')}."),
        ("Who can read", f"{_readers(state)} {_gap('names of the at most ten people, kept apart from this file')}"),
        ("Exports", f"{counted(len(state.exports), 'known export')}{_list(state.exports)}"),
        (
            "Backups",
            f"{counted(len(state.backups), 'known backup')}{_list(each.folder for each in state.backups)}"
            + (f"; the newest of {newest:%Y-%m-%d}" if newest else ""),
        ),
        ("Copies that the study names", f"{len(study.compliance.copies)}{_list(study.compliance.copies)}"),
        ("Copies that the software cannot know", _gap("other machines, mails, slides, papers")),
        (
            "Regular checks",
            (
                f"{every(study.compliance.refresh_days)}; hidden after {study.compliance.hide_after_days} days"
                f" without one. {checks or 'Nothing was published yet'}. Names, texts and pictures of profiles are"
                f" deleted {study.keep_profile_days} days after the last proof that the account exists."
            ),
        ),
        (
            "Deletions so far",
            (
                f"{sum(state.deleted.values()):,} videos, comments and accounts;"
                f" {counted(state.reports, 'signed report')} in `deletions/`."
            ),
        ),
        (
            "Measures of the software",
            (
                "files for the owner alone (mode 600) or one group; secrets from the environment or `.env` only; the"
                " interface listens on this computer alone; a log of exports, deletions and restores (`ops.audit`);"
                " deletion in every known copy, which `tt trace` shows; keyed hashes keep deleted items out; backups"
                " and checksums (`tt backup`, `tt verify`)."
            ),
        ),
        ("Measures of the organisation", _gap("accounts, screen locks, training, confidentiality, incidents")),
    ]
    yield from _table(("subject", "state"), entries)


def _terms() -> Iterator[str]:
    yield "## 6. Duties towards TikTok"
    yield ""
    yield from _table(("duty", "the software", "yours"), [(each.duty, each.software, each.yours) for each in AGREED])


def _management() -> Iterator[str]:
    yield "## 7. Data management"
    yield ""
    rows = [
        ("Formats", "answers as received (JSON), DuckDB, exports as CSV or Parquet; every column is described."),
        ("Quality", "checks before each publication; coverage and status of each day (`ops.search_coverage`)."),
        (
            "Documentation",
            "`datapackage.json` and a data dictionary in each export; versions of every query in `ops.searches`.",
        ),
        (
            "Sharing",
            (
                f"`tt export --public`: ids, queries, days and versions, as TikTok's terms allow."
                f" {_gap('archive, licence, embargo')}"
            ),
        ),
        ("After the project", f"`tt purge --all` deletes everything and certifies it. {_gap('what is kept, and why')}"),
        ("Responsibilities and costs", _gap("who does the checks, deletions and backups; storage; time")),
    ]
    yield from _table(("subject", "plan"), rows)


def _readers(state: DutyState) -> str:
    if not state.group:
        return "The owner of the data dir alone."
    size = f" ({counted(state.group_size, 'account')})" if state.group_size is not None else ""
    return f"The owner of the data dir and the group `{state.group}`{size}."


def _host(settings: Settings) -> str:
    source = source_of(settings.files) or settings.api_base_url
    return f"`{source}`{' (a simulator, which invents everything)' * is_loopback(source)}"


def _list(places: Iterable[Path]) -> str:
    named = ", ".join(f"`{_place(each)}`" for each in places)
    return f": {named}" if named else ""


def _place(path: Path) -> str:
    """A path without the home folder, whose name is usually that of a person."""
    whole, home = path.absolute(), Path.home()
    return f"~/{whole.relative_to(home)}" if whole.is_relative_to(home) else f"{whole}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
