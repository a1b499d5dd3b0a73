"""Measure everything, print it, and write docs/benchmarks.md again."""

from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.markdown import Markdown

from tt_pipeline.clock import SystemClock
from tt_pipeline_tests.labs.benchmarks.outputs import outputs
from tt_pipeline_tests.labs.benchmarks.page import FILE, Benchmarks, page
from tt_pipeline_tests.labs.benchmarks.tasks import Sizes, a_day, compare, grow, rebuild

console = Console()
with TemporaryDirectory() as folder, console.status("") as status:
    sizes, root = Sizes(), Path(folder)
    found = Benchmarks(
        sizes=sizes,
        comparison=compare(root / "comparison", sizes, lambda what: status.update(f"beside other tools: {what}")),
        growth=grow(root / "growth", sizes, lambda what: status.update(f"as the warehouse grows: {what}")),
        rebuild=rebuild(root / "rebuild", sizes, lambda what: status.update(f"a rebuild: {what}")),
        outputs=outputs(
            root / "outputs", sizes.output_videos, lambda what: status.update(f"exports and the report: {what}")
        ),
        daily=a_day(root / "daily", sizes, lambda what: status.update(f"a day's work: {what}")),
    )
text = page(found, SystemClock().now().date())
FILE.write_text(text, encoding="utf-8")
console.print(Markdown(text))
console.print(f"written to {FILE}")
