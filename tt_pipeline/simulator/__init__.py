"""What would TikTok answer? The Research API on 127.0.0.1 with an invented world.

It is written only from documentation and public reports. Of the package it imports the words and fields of the API
(`vocabulary.py`, `codebook/fields.py`) and the guard of its admin addresses (`same_origin.py`), because a mistake in
shared code would be in the client and in the simulator, and no test would find it.

Where to look, by question:

- What exists? `world`, `people`, `posting`, `commenting`, `video_model`, with `word_lists` and `randomness`.
- What can a client see now? `archive` (videos in searches), `visibility` (comments, accounts), `records` (their keys).
- What does an address answer? `endpoints`, with `query_language` and `search_ids` for searches.
- How is a request read, checked, charged and answered? `request_handling`, `request_parsing`, `admission`, `responses`.
- What can be set, and what goes wrong on purpose? `knobs`, `faults`.
- What changes while it serves, and who controls it? `state`, `admin`, `simulator`.
"""

from tt_pipeline.simulator.knobs import Fault, FaultKind, Knobs
from tt_pipeline.simulator.records import mark_of
from tt_pipeline.simulator.simulator import Simulator, running, serve
from tt_pipeline.simulator.state import LoggedRequest, SimClock
from tt_pipeline.simulator.world import World

__all__ = [
    "Fault",
    "FaultKind",
    "Knobs",
    "LoggedRequest",
    "SimClock",
    "Simulator",
    "World",
    "mark_of",
    "running",
    "serve",
]
