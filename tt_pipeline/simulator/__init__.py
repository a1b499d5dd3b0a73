"""What if there were no TikTok? The Research API on 127.0.0.1, over an invented world.

Written from the documentation alone; it shares nothing with the rest of the house but the codebook's words, because an
oracle that shares our code shares our mistakes.
"""

from tt_pipeline.simulator.knobs import Fault, FaultKind, Knobs
from tt_pipeline.simulator.simulator import Simulator, running, serve
from tt_pipeline.simulator.state import LoggedRequest, SimClock
from tt_pipeline.simulator.world import World

__all__ = ["Fault", "FaultKind", "Knobs", "LoggedRequest", "SimClock", "Simulator", "World", "running", "serve"]
