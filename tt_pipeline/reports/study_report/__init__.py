"""What does a study show? The report, the passport and the methods text: HTML and text made from the published file.

`parts.py` lists the parts of the report. A part is one SQL file in `sql/` and one row of that list. `facts.sql` has the
single numbers, of which report, passport and methods text show the same ones. Figures are drawn in `charts/`.
"""
