"""Is what was collected safe and whole? Backups, restoring them, and comparing files with their checksums.

A backup has what cannot be requested again: the landed answers, the ledger, the study, and small records of the data
dir. The warehouse is built from them. Secrets and Dagster's storage are left out.
"""

from tt_pipeline.safekeeping.backing_up import BackupReport, back_up
from tt_pipeline.safekeeping.manifest import MANIFEST, Manifest, read_manifest
from tt_pipeline.safekeeping.packages import ComparedPackages, compare_packages
from tt_pipeline.safekeeping.registry import KnownBackup, delete_backup, is_backup, known_backups
from tt_pipeline.safekeeping.restoring import RestoreReport, restore
from tt_pipeline.safekeeping.verifying import Verified, verify_exports, verify_landing, verify_published

__all__ = [
    "MANIFEST",
    "BackupReport",
    "ComparedPackages",
    "KnownBackup",
    "Manifest",
    "RestoreReport",
    "Verified",
    "back_up",
    "compare_packages",
    "delete_backup",
    "is_backup",
    "known_backups",
    "read_manifest",
    "restore",
    "verify_exports",
    "verify_landing",
    "verify_published",
]
