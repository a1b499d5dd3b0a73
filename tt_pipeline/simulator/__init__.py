"""What if there were no TikTok? The Research API on 127.0.0.1, over an invented world.

It is written from the documentation alone and imports nothing of the package but the codebook's words: code that both
sides share would repeat the same mistakes on both sides.

Where to look, by question:

- What exists? `world`, `people`, `posting`, `commenting`, `video_model`, with `word_lists` and `randomness`.
- What can a client see now? `archive` (videos in searches), `visibility` (comments, accounts), `records` (their keys).
- What does an address answer? `endpoints`, with `query_language` and `search_ids` for searches.
- How is a request read, checked, charged and answered? `request_handling`, `request_parsing`, `admission`, `responses`.
- What can be set, and what goes wrong on purpose? `knobs`, `faults`.
- What changes while it serves, and who controls it? `state`, `admin`, `simulator`.
"""

from tt_pipeline.simulator.knobs import Fault, FaultKind, Knobs
from tt_pipeline.simulator.simulator import Simulator, running, serve
from tt_pipeline.simulator.state import LoggedRequest, SimClock
from tt_pipeline.simulator.world import World

__all__ = ["Fault", "FaultKind", "Knobs", "LoggedRequest", "SimClock", "Simulator", "World", "running", "serve"]
