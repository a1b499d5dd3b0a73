"""`make site`: build the site into the folder `site` of the tree; every warning is an error."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tt_pipeline_tests.labs.site.stage import ROOT, stage


def build(site: Path) -> int:
    """Build the site into a folder, in place of what it has; returns the exit code of the builder.

    The builder prints what is wrong; the folder is then as it was.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "staged"
        stage(folder)
        command = [f"{Path(sys.executable).parent / 'zensical'}", "build", "--clean", "--strict"]
        ended = subprocess.run(command, cwd=folder, check=False)
        if ended.returncode == 0:
            _let_files_search(folder / "site")
            shutil.rmtree(site, ignore_errors=True)
            shutil.move(folder / "site", site)
        return ended.returncode


def _let_files_search(site: Path) -> None:
    """Write the script that lets pages search that are opened as files: browsers start no worker from a file.

    The script has the worker's source as a text and starts it from there.
    """
    (worker,) = site.glob("assets/javascripts/workers/search.*.js")
    source = json.dumps(worker.read_text(encoding="utf-8"))
    (site / "iframe-worker-of-this-site.js").write_text(_WORKER_FROM_TEXT.replace("SOURCE", source), encoding="utf-8")


_WORKER_FROM_TEXT: Final = """\
if (location.protocol === "file:") {
  const FromFile = Worker, source = URL.createObjectURL(new Blob([SOURCE]));
  window.Worker = function () { return new FromFile(source); };
}
"""


if __name__ == "__main__":
    sys.exit(build(ROOT / "site"))
