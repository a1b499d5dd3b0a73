"""The notebook as files: a copy that a person may change, and an exported page that shows its figures offline."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.study_report.figures import study_figures
from tt_pipeline.safe_files import write_whole

INSTALL: Final = "pip install 'tt-pipeline[notebook]'"
NOTEBOOK: Final = Path(__file__).with_name("notebook.py")
"""The packaged notebook."""
_EMPTY_PAGE: Final = '<div id="root"></div>'
"""Where the programs of marimo, which a browser loads from another host, put the notebook."""


def check_marimo() -> None:
    """Check that marimo is installed.

    Raises:
        UsageError: It is missing.
    """
    if find_spec("marimo") is None:
        raise UsageError(f"tt notebook needs marimo, which is not installed: {INSTALL}")


def copy_notebook(file: Path) -> bool:
    """Copy the packaged notebook, unless the file is there; whether it was copied.

    Raises:
        StorageFailed: The file cannot be written.
    """
    if file.exists():
        return False
    write_whole(file, NOTEBOOK.read_text(encoding="utf-8"))
    return True


def write_notebook(published: Path, file: Path) -> None:
    """Run the packaged notebook and write it as one HTML file.

    With a network a browser shows the notebook, without one it shows the figures of all searches and days, which are
    in the file: marimo's own programs are loaded from another host.

    Args:
        published: The published file that the notebook opens.
        file: Where to write; a file that is there is replaced as a whole.

    Raises:
        UsageError: marimo is missing, nothing is published, or a cell of the notebook failed; nothing was written.
        StorageFailed: The file cannot be written.
    """
    check_marimo()
    figures = study_figures(published)
    with TemporaryDirectory() as folder:
        page, notebook = Path(folder) / "notebook.html", Path(folder) / NOTEBOOK.name
        notebook.write_bytes(NOTEBOOK.read_bytes())  # marimo keeps the outputs beside the notebook that it runs
        command = [sys.executable, "-m", "marimo", "export", "html", f"{notebook}", "-o", f"{page}"]
        command += ["--", "--published", f"{published.resolve()}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 — our own words
        if done.returncode or not page.exists():
            raise UsageError(f"The notebook could not be run, so {file} was not written:\n{done.stderr.strip()}")
        html = page.read_text(encoding="utf-8")
    offline = "".join(each.as_html() for each in figures)
    shown = f'<div style="max-width: 47rem; margin: auto; padding: 1rem; font-family: sans-serif">{offline}</div>'
    write_whole(file, html.replace(_EMPTY_PAGE, _EMPTY_PAGE.replace("></", f">{shown}</")))
