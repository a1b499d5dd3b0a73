"""The paths of a data dir."""

from dataclasses import dataclass
from pathlib import Path

from tt_pipeline.errors import StudyEnded


@dataclass(frozen=True, slots=True)
class DataDir:
    """The paths of one study's files: those for people at the top, those of the pipeline in `internal/`.

    Attributes:
        share_group: The Unix group that may read the files for people; None if only their owner may.
    """

    root: Path
    share_group: str | None = None

    @property
    def published(self) -> Path:
        """The warehouse that analysts open, read-only."""
        return self.root / "warehouse.duckdb"

    @property
    def report(self) -> Path:
        """The report for people without SQL."""
        return self.root / "report.html"

    @property
    def notebook(self) -> Path:
        """The notebook that `tt notebook` opens; its owner may change it."""
        return self.root / "notebook.py"

    @property
    def notebook_outputs(self) -> Path:
        """What marimo keeps of the outputs of that notebook's cells: rows, wherever its owner shows them."""
        return self.root / "__marimo__"

    @property
    def passport(self) -> Path:
        """The study passport, one page for an ethics board."""
        return self.root / "passport.html"

    @property
    def comparison(self) -> Path:
        """The comparison of the published file with another one."""
        return self.root / "comparison.html"

    @property
    def pages(self) -> tuple[Path, ...]:
        """The pages that `tt report` writes."""
        return (self.report, self.passport, self.comparison)

    @property
    def exports(self) -> Path:
        """Folders with exports from the warehouse."""
        return self.root / "exports"

    @property
    def internal(self) -> Path:
        """The pipeline's own files; no other program should open them."""
        return self.root / "internal"

    @property
    def landing(self) -> Path:
        """The API's answers as received."""
        return self.internal / "landing"

    @property
    def writer(self) -> Path:
        """The warehouse database that loads write to."""
        return self.internal / "writer.duckdb"

    @property
    def dagster(self) -> Path:
        """The folder of the data dir's own Dagster instance."""
        return self.internal / "dagster"

    @property
    def dagster_log(self) -> Path:
        """What Dagster's processes write while `tt up` runs."""
        return self.internal / "dagster.log"

    @property
    def dagster_instance(self) -> Path:
        """A file that names the DAGSTER_HOME of the data dir if it is not the data dir's own."""
        return self.internal / "dagster_instance.json"

    @property
    def exported(self) -> Path:
        """A list of export folders outside the data dir, one a line."""
        return self.internal / "exported.txt"

    @property
    def unreached(self) -> Path:
        """A list of copies that have to be cleaned when they can be reached again, as JSON."""
        return self.internal / "unreached.json"

    @property
    def targets(self) -> Path:
        """A list of the addresses of publish targets that have data, as JSON, without passwords."""
        return self.internal / "targets.json"

    @property
    def owing_targets(self) -> Path:
        """A list of the publish targets that may still have what was deleted, as JSON."""
        return self.internal / "owing_targets.json"

    @property
    def target_states(self) -> Path:
        """When each publish target was written, or why it could not be."""
        return self.internal / "target_states.json"

    @property
    def nothing_to_do(self) -> Path:
        """In which state a collection found nothing to do."""
        return self.internal / "nothing_to_do.json"

    @property
    def restored(self) -> Path:
        """A record that a backup was restored; it is there until everything of it was checked."""
        return self.internal / "restored.json"

    @property
    def deletion(self) -> Path:
        """A record of the deletion that is under way; it is there only until everything is deleted."""
        return self.internal / "deletion.json"

    @property
    def first_refreshed(self) -> Path:
        """A record of when this data dir was first published by a tt_pipeline that can check what is stored."""
        return self.internal / "first_refreshed.json"

    @property
    def ended(self) -> Path:
        """A record of the end of the study; while it is there, nothing is collected."""
        return self.internal / "ended.json"

    def check_not_ended(self) -> None:
        """Check that the study was not ended, before something is collected, shown or built.

        Raises:
            StudyEnded: Its data was deleted.
        """
        if self.ended.exists():
            raise StudyEnded(self.ended)

    @property
    def deletions(self) -> Path:
        """Folder with the signed reports of deletions."""
        return self.root / "deletions"

    @property
    def audit(self) -> Path:
        """A record of exports, deletions and restores: who, when, what kind, how many."""
        return self.internal / "audit.jsonl"

    @property
    def backups(self) -> Path:
        """A record of the folders with backups of this data dir."""
        return self.internal / "backups.json"

    @property
    def source(self) -> Path:
        """A file that records which server the data came from."""
        return self.internal / "source.json"

    @property
    def client_key(self) -> Path:
        """A file with the fingerprint of the client key with which the data dir was collected."""
        return self.internal / "client_key.json"
