"""What was answered? Pages as received, the index over them, leases and resume points.

Here belongs how answers lie on disk and what can be said of them without knowing what they mean. Typed tables are
`warehouse/`, which reads the files by path; what is missing is decided in `ingestion/`.
"""

from tt_pipeline.landing.entries import FieldSeen, FileEntry, PageEntry, UnreadPage, WindowEntry, playlist_subject
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.index import Index
from tt_pipeline.landing.inventory import is_being_collected, landed_files, problems_in, unknown_paths
from tt_pipeline.landing.layout import day_load_id, landed_paths, window_asked, window_load_id
from tt_pipeline.landing.mending import load_id_of_aside, problems_set_aside
from tt_pipeline.landing.reading import envelopes
from tt_pipeline.landing.records import VideoFacts, video_id_of, videos_of, whole
from tt_pipeline.landing.zone import LandingWriter, LandingZone
from tt_pipeline.safe_files import is_free, lease, write_whole

__all__ = [
    "Envelope",
    "FieldSeen",
    "FileEntry",
    "Index",
    "LandingWriter",
    "LandingZone",
    "PageEntry",
    "UnreadPage",
    "VideoFacts",
    "WindowEntry",
    "day_load_id",
    "envelopes",
    "is_being_collected",
    "is_free",
    "landed_files",
    "landed_paths",
    "lease",
    "load_id_of_aside",
    "playlist_subject",
    "problems_in",
    "problems_set_aside",
    "unknown_paths",
    "video_id_of",
    "videos_of",
    "whole",
    "window_asked",
    "window_load_id",
    "write_whole",
]
