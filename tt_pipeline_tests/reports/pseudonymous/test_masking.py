"""What leads to a person in a text is masked, in every script."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.reports.pseudonymous.folding import folded, folded_with_places
from tt_pipeline.reports.pseudonymous.handles import Handles
from tt_pipeline.reports.pseudonymous.masking import mask, without_masks

KNOWN = Handles(["anna.b", "kim", "محمد_علي", "fire🔥fox", "🦊", "Tagesschau", "de", "岡田", "שרה_כהן", "24"])

TEXTS = [
    ("Thanks @anna.b and ANNA.B!", "Thanks [mention] and [mention]!"),
    ("@somebody.else, hi", "[mention], hi"),
    ("hi \uff20\uff41\uff4e\uff4e\uff41\uff0e\uff42 and ﹫kim", "hi [mention] and [mention]"),
    ("مرحبا @محمد_علي كيف", "مرحبا [mention] كيف"),
    ("مرحبا محمد_علي", "مرحبا [mention]"),
    ("שלום שרה_כהן 👋", "שלום [mention] 👋"),
    ("fire🔥fox rocks, 🦊 too", "[mention] rocks, [mention] too"),
    ("@🔥🔥 yes", "[mention] yes"),
    ("ありがとうkimさん 岡田", "ありがとう[mention]さん [mention]"),
    ("#teamanna.bfan and #kim", "#[mention] and #[mention]"),
    ("die Tagesschauer", "die [mention]"),
    ("kimono, dekim, 1240", "kimono, dekim, 1240"),
    ("an\u00adna.b, a\u200bnna.b, \u202eanna.b", "[mention], [mention], \u202e[mention]"),
    ("kim's and _kim_", "[mention]'s and _kim_"),
    ("casa de nada 24", "casa [mention] nada [mention]"),
    ("ask x.y+z@mail.example.org or a (at) web (dot) de", "ask [email] or [email]"),
    ("l****@mail.example, as TikTok stars it", "[email], as TikTok stars it"),
    ("see https://x.y/z?q=1, www.a.b and linktr.ee/anna or example.com", "see [link] [link] and [link] or [link]"),
    ("call +49 170 1234567 or (555) 123-4567", "call [phone] or [phone]"),
    ("اتصل ٠١٥١٢٣٤٥٦٧٨", "اتصل [phone]"),
    ("on 2026-10-01, 1.000.000 views in 2026", "on 2026-10-01, 1.000.000 views in 2026"),
    ("duet with 7696688856609475842", "duet with [id]"),
    ("E.g. this. And that... 3.5/10!", "E.g. this. And that... 3.5/10!"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "masked"), TEXTS, ids=[text[:20] for text, _ in TEXTS])
def test_what_leads_to_a_person_is_masked(text: str, masked: str) -> None:
    """Mentions, known handles, links, addresses and numbers go; other words, dates and amounts stay."""
    assert mask(text, KNOWN) == masked


WORDS = st.sampled_from(
    [*KNOWN, "@", "\uff20", " ", "#", ".", "a", "_", "שלום", "🔥", "\u200d", "İ", "ß", "1234567", "/", "é"]
)


@given(st.lists(WORDS | st.text(max_size=3), max_size=12).map("".join))
def test_no_known_handle_stays(text: str) -> None:
    """Whatever surrounds a handle, none is found in the masked text."""
    assert not KNOWN.is_in(folded(without_masks(mask(text, KNOWN))))


@given(st.text())
def test_each_folded_character_knows_its_place(text: str) -> None:
    """The form with places is the form that handles have, so that what is found is also masked."""
    plain, places = folded_with_places(text)
    assert plain == folded(text)
    assert len(places) == len(plain)
    assert list(places) == sorted(places)


@pytest.mark.parametrize("letter", ["a", "1", ".", "@", "a.", "岡", "+", "1 ", "(", "a@"])
def test_a_hostile_text_takes_no_time(letter: str) -> None:
    """The time grows with the length of a text: no repetition makes a pattern try every way to split it."""
    text = letter * (20_000 // len(letter))
    begun = time.perf_counter()
    mask(text, KNOWN)
    assert time.perf_counter() - begun < 2


def test_a_handle_is_known_as_the_warehouse_writes_it() -> None:
    """A found handle gives the username whose pseudonym stands in the tables."""
    ((first, behind),) = KNOWN.spans(folded("tagesSCHAU"))
    assert KNOWN.username_of(folded("tagesSCHAU")[first:behind]) == "Tagesschau"
    assert len(KNOWN) == len(set(KNOWN)) == 10
