"""The asset that writes the report, the page for people without SQL."""

from typing import Any, Final

import dagster as dg

from tt_pipeline.errors import TtPipelineError
from tt_pipeline.file_modes import set_readers
from tt_pipeline.orchestration.names import OWNERS, PUBLISHED, REPORT, REPORTS
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.reports import WrittenReport, write_report

_NUMBERS: Final = ("searches", "videos", "fitting_videos", "creators", "comments", "profiles", "requests")


@dg.asset(key=REPORT, deps=[PUBLISHED], group_name=REPORTS, kinds={"html"}, owners=OWNERS)
def report_page(collector: dg.ResourceParam[CollectorResource]) -> dg.MaterializeResult[None]:
    """One page with figures, data/report.html: what was collected, what is missing, how far numbers can be trusted.

    It is made of the published file once a day, and names nobody.
    """
    # No pool: the published file is replaced as a whole, so this neither waits for a publication nor delays one.
    files = collector.settings.files
    try:
        written = write_report(files.published, files.report)
        set_readers(files.report, files.share_group)
    except TtPipelineError as error:
        raise dg.Failure(f"{error}", allow_retries=False) from error
    return dg.MaterializeResult(metadata=_metadata(written))


def _metadata(written: WrittenReport) -> dict[str, Any]:
    numbers = written.numbers
    complete, due = numbers.get("complete_search_days", 0), numbers.get("search_days", 0)
    shares = {"share_hidden": numbers["hidden_share"]} if "hidden_share" in numbers else {}
    return {
        "path": dg.MetadataValue.path(f"{written.file.resolve()}"),
        "open": f"Open {written.file.name} of the data dir in a browser; it needs no network.",
        "bytes": written.bytes,
        "figures": written.figures,
        **{name: numbers[name] for name in _NUMBERS if name in numbers},
        "days_complete": complete,
        "days_incomplete": due - complete,
        **shares,
    }
