"""How is the published file shown in a browser? `tt browse`: pages on 127.0.0.1 that only read.

This room reads the published file, one read-only connection for each page, so that it shows what was published last. It
writes nothing, sends nothing, and runs nothing that a browser sends but one query of the published tables
(`docs/decisions/0025-browse.md`).

Where to look, by question:

- Which tables and columns are there? `tables`.
- What did the person choose: search, filters, sort, page? `view`; the SQL of it: `view_sql`.
- What does a page show? `table_page`, `row_page`, `days_page`, `sql_box`, `trace_page`; how: `templates/`.
- How is it served: addresses, refusals, headers, time limits? `web`, `stop`.
"""

from tt_pipeline.browse.web import browse_app

__all__ = ["browse_app"]
