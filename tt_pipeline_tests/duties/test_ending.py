"""The end of a study names what this machine cannot delete."""

import json
from pathlib import Path

from tt_pipeline.duties import end_study
from tt_pipeline.settings import Settings


def test_the_end_of_a_study_names_what_all_machines_share(tmp_path: Path) -> None:
    """The certificate does not say that the answers in the bucket are gone."""
    settings = Settings(data_dir=tmp_path, landing="s3://answers/study")
    settings.files.internal.mkdir()
    record = {"study": "bees", "ended_at": "2026-11-05T06:00:00+00:00", "made_by": "tt_pipeline", "counts": {}}
    settings.files.ended.write_text(json.dumps({**record, "requests_sent": 0, "searches": []}))

    assert end_study(settings).by_hand[-1] == (
        "s3://answers/study: the answers that all machines share are there. End the study on every machine, then delete"
        " everything below it."
    )
