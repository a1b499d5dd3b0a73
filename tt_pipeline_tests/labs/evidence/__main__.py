"""Write docs/evidence again: pages and pictures."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tt_pipeline_tests.labs.evidence.pages import FOLDER, gather, pages
from tt_pipeline_tests.labs.evidence.pictures import draw_haste, draw_sampling

with TemporaryDirectory() as folder:
    evidence = gather(Path(folder))
pictures = {
    "sampling.svg": draw_sampling(evidence.sampling),
    "looking-too-early.svg": draw_haste(evidence.haste),
}
FOLDER.mkdir(parents=True, exist_ok=True)
for name, text in {**pages(evidence), **pictures}.items():
    (FOLDER / name).write_text(text, encoding="utf-8")
