"""What users of the Research API have agreed to, as docs/duties.md says it; a test compares the two."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedDuty:
    """A duty.

    Attributes:
        duty: What has to be done.
        software: What tt_pipeline does for it.
        yours: What stays with the people.
    """

    duty: str
    software: str
    yours: str


AGREED: Final = (
    AgreedDuty(
        duty="Check everything stored at least every 30 days (earlier terms: 15), and delete what the API no longer"
        " returns",
        software="`tt refresh` checks every 15 days, hides what is missing, deletes it when a second answer"
        " confirms it",
        yours="run `tt up`, or `tt collect` by cron; look when it says that an answer is doubted",
    ),
    AgreedDuty(
        duty="Delete in every copy",
        software="deletes in stored answers, warehouse, exports, coding sheets, backups, logs; names what it"
        " cannot reach",
        yours="copies that you made yourself, papers, slides, other machines",
    ),
    AgreedDuty(
        duty="Use it for the approved project only, and not commercially", software="nothing", yours="all of it"
    ),
    AgreedDuty(
        duty="At most ten people, the principal investigator included",
        software="files belong to you alone, or to a group that you name",
        yours="who is in the group",
    ),
    AgreedDuty(duty="Send publications to TikTok in advance", software="nothing", yours="all of it"),
    AgreedDuty(
        duty="Approval by an ethics board; data protection law",
        software="collects less, pseudonymous exports, records of deletions and exports",
        yours="the legal basis, the balance of interests, information of the persons",
    ),
    AgreedDuty(
        duty="Keep key and secret to yourself",
        software="reads them from the environment or `.env`, and writes them nowhere",
        yours="the file `.env`",
    ),
    AgreedDuty(duty="Delete when access ends", software="`tt purge --all`", yours="copies that you made yourself"),
)
"""Every duty, in the order of the page."""
