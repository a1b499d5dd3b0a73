"""What was answered? Pages as received, the index over them, leases and resume points.

Here belongs how answers lie on disk and what can be said of them without knowing what they mean. Typed tables are
`warehouse/`, which reads the files by path; what is missing is decided in `ingestion/`.
"""

from tt_pipeline.landing.envelope import Envelope, day_load_id, window_load_id
from tt_pipeline.landing.files import envelopes, lease
from tt_pipeline.landing.index import FileEntry, FoundVideo, Index, PageEntry, WindowEntry, videos_of
from tt_pipeline.landing.zone import LandingWriter, LandingZone

__all__ = [
    "Envelope",
    "FileEntry",
    "FoundVideo",
    "Index",
    "LandingWriter",
    "LandingZone",
    "PageEntry",
    "WindowEntry",
    "day_load_id",
    "envelopes",
    "lease",
    "videos_of",
    "window_load_id",
]
