"""What needs a person, and who was told? Troubles of a data dir, each told once, and again when it is over.

A message goes to a webhook or a command that the settings name. It has names of searches, days and numbers, never
personal data. Whoever collects calls `tell`: `tt collect` at its end, and a sensor of Dagster.
"""

from tt_pipeline.alerts.looking import Trouble, title_as_written, troubles, troubles_of_study
from tt_pipeline.alerts.telling import Told, tell, tell_test

__all__ = ["Told", "Trouble", "tell", "tell_test", "title_as_written", "troubles", "troubles_of_study"]
