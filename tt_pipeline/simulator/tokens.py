"""Access tokens: who may ask, and for how long."""

import string
from dataclasses import dataclass, field
from random import Random

from tt_pipeline.simulator.draws import dice
from tt_pipeline.simulator.refusals import bad_token

_LETTERS = string.ascii_letters + string.digits
_TOKEN_LENGTH = 34


@dataclass(slots=True)
class Tokens:
    """All tokens given out, with the second each of them dies."""

    seed: int
    _dies_at: dict[str, float] = field(default_factory=dict)
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = dice(self.seed, "tokens")

    def issue(self, now_s: float, *, ttl_s: float, single_active: bool) -> str:
        """Give out a new token."""
        if single_active:
            self._dies_at.clear()
        token = "clt." + "".join(self._random.choices(_LETTERS, k=_TOKEN_LENGTH))
        self._dies_at[token] = now_s + ttl_s
        return token

    def check(self, authorization: str | None, now_s: float) -> None:
        """Let a request with this header pass.

        Raises:
            Refused: There is no token, or none that lives.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or self._dies_at.get(token.strip(), 0) <= now_s:
            raise bad_token()
