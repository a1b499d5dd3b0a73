"""Which answers are on disk? Pages as the API sent them, an index of them, and the locks of collecting processes.

Other rooms import only from this module. They get a landed file as a `Location`, whose methods read it, and not as a
path. `warehouse/` interprets the records, and `coverage/` decides what is missing.
"""

from tt_pipeline.landing.copying import CopiedFile, copy_file, copy_landing
from tt_pipeline.landing.day_notes import DayNote
from tt_pipeline.landing.entries import PageEntry, UnreadPage, WindowEntry, playlist_subject
from tt_pipeline.landing.envelope import MOST_LINE_BYTES, Envelope, text_and_base64
from tt_pipeline.landing.envelope import VERSION as LINE_VERSION
from tt_pipeline.landing.index import Index
from tt_pipeline.landing.index_sql import VERSION as INDEX_VERSION
from tt_pipeline.landing.inventory import Inventory
from tt_pipeline.landing.layout import day_load_id, window_load_id, window_named
from tt_pipeline.landing.location import LandedFile, Location
from tt_pipeline.landing.records import VideoFacts, records_of, videos_of
from tt_pipeline.landing.redacting import redacted, without_erased_values
from tt_pipeline.landing.rewriting import Redaction
from tt_pipeline.landing.shared import SharedLanding, shared_landing, shared_tombstones
from tt_pipeline.landing.unreadable import Unreadable
from tt_pipeline.landing.writer import LandingWriter
from tt_pipeline.landing.zone import LandingZone

__all__ = [
    "INDEX_VERSION",
    "LINE_VERSION",
    "MOST_LINE_BYTES",
    "CopiedFile",
    "DayNote",
    "Envelope",
    "Index",
    "Inventory",
    "LandedFile",
    "LandingWriter",
    "LandingZone",
    "Location",
    "PageEntry",
    "Redaction",
    "SharedLanding",
    "UnreadPage",
    "Unreadable",
    "VideoFacts",
    "WindowEntry",
    "copy_file",
    "copy_landing",
    "day_load_id",
    "playlist_subject",
    "records_of",
    "redacted",
    "shared_landing",
    "shared_tombstones",
    "text_and_base64",
    "videos_of",
    "window_load_id",
    "window_named",
    "without_erased_values",
]
