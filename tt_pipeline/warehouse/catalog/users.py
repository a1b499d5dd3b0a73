"""Tables of accounts: the latest profile and every answer about an account."""

from tt_pipeline.codebook import fields
from tt_pipeline.codebook.fields import Stored
from tt_pipeline.warehouse.catalog.common import LOAD_ID, OBSERVED_AT, TIMESTAMPTZ, USERNAME, VARCHAR
from tt_pipeline.warehouse.catalog.field_columns import columns_of
from tt_pipeline.warehouse.catalog.model import Column, Loading, Table

_REFUSAL_MEANING = "not_found, private or refused if the API returned no profile"
PROFILE = columns_of(fields.PROFILE, Stored.ATTRIBUTE, Stored.COUNT)
"""The columns of a profile, which both tables have."""

USERS = Table(
    schema="core",
    name="users",
    grain="an account whose profile the API returned",
    meaning="The latest profile. If the API refuses the account now, the row keeps the profile and refusal gives the"
    " reason. Accounts without any profile are only in ops.account_coverage.",
    freshness="Live data of observed_at; collected again after the study's every_days.",
    keys=("username",),
    loading=Loading.DERIVED,
    columns=(
        USERNAME,
        *PROFILE,
        Column("refusal", VARCHAR, f"The latest answer: {_REFUSAL_MEANING}", missing="the latest answer was a profile"),
        Column("observed_at", TIMESTAMPTZ, "When this profile was fetched, UTC"),
        Column("last_asked_at", TIMESTAMPTZ, "When the account was last requested, UTC"),
        Column("load_id", VARCHAR, "The landed file with the latest answer"),
    ),
)
USER_SNAPSHOTS = Table(
    schema="core",
    name="user_snapshots",
    grain="an answer about a handle",
    meaning="Profiles and refusals, as returned.",
    freshness="A row for each time the account was requested.",
    keys=("username", "observed_at", "load_id"),
    loading=Loading.EACH_LOAD,
    columns=(
        USERNAME,
        OBSERVED_AT,
        LOAD_ID,
        Column("refusal", VARCHAR, f"The answer: {_REFUSAL_MEANING}", missing="the answer was a profile"),
        *PROFILE,
    ),
)

TABLES = (USERS, USER_SNAPSHOTS)
"""In the order of the data dictionary."""
