"""Write the pages again."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tt_pipeline_tests.labs.shown import cookbook, gallery, one_page, picture, questions
from tt_pipeline_tests.labs.shown.demo import DAY, run_demo

with TemporaryDirectory() as folder:
    one_page.PAGE.write_text(one_page.one_page(Path(folder)), encoding="utf-8")
with TemporaryDirectory() as folder:
    demo = run_demo(Path(folder))
    for page in (questions.TEN_QUESTIONS, questions.TEN_MISTAKES):
        page.write_text(questions.answered(page.read_text(encoding="utf-8"), demo), encoding="utf-8")
    shutil.rmtree(gallery.FOLDER, ignore_errors=True)
    gallery.FOLDER.mkdir(parents=True)
    for file, text in gallery.gallery(demo).items():
        file.write_text(text, encoding="utf-8")
with TemporaryDirectory() as folder:
    drawn = picture.demo_picture(Path(folder), {**os.environ, "TT_CLOCK": DAY})
    picture.PICTURE.write_text(drawn, encoding="utf-8")
pages = {}
for file in cookbook.PAGES:
    with TemporaryDirectory() as folder:
        pages[file] = cookbook.ran(file.read_text(encoding="utf-8"), Path(folder))
    file.write_text(pages[file].text, encoding="utf-8")
cookbook.LIST.write_text(cookbook.listed(pages), encoding="utf-8")
