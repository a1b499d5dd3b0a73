"""The rows of the codebook are complete and do not contradict each other."""

from collections.abc import Iterator

import pytest

from tt_pipeline.codebook.datasets import ACCOUNT_LISTS, DATASETS, GROUPS, LOADED, OF_FOUND_VIDEOS, SOCIAL
from tt_pipeline.codebook.endpoints import ENDPOINTS
from tt_pipeline.codebook.fields import PROFILE, RECORDS, VIDEO, Field, Record, Stored, WireType, field_of, read_fields
from tt_pipeline.codebook.quotas import QUOTAS
from tt_pipeline.coverage.study_coverage import OF_ASSET
from tt_pipeline.ingestion import COLLECTIONS
from tt_pipeline.simulator import Knobs, World
from tt_pipeline.simulator.invented_values import invented
from tt_pipeline.simulator.records import profile, video_record
from tt_pipeline.vocabulary import AccountList, Bucket, Dataset
from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline_tests.simulator.builders import NOW

LISTS = {WireType.IDS, WireType.TEXTS, WireType.OBJECTS}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record[0].name)
def test_a_record_has_each_field_and_each_column_once(record: Record) -> None:
    """Two rows of a record share neither their name on the wire nor the column in which they are stored."""
    names = [field.name for field in record]
    columns = [field.column_name for field in record if field.stored in {Stored.ATTRIBUTE, Stored.COUNT}]
    assert len(names) == len(set(names))
    assert len(columns) == len(set(columns))


def test_a_field_in_a_column_may_be_missing_and_is_not_a_list() -> None:
    """A new column of an older file is NULL, so only a comment's video, which the request names, is never NULL."""
    stored = [field for field in read_fields() if field.stored in {Stored.ATTRIBUTE, Stored.COUNT}]
    assert [field.name for field in stored if field.type in LISTS] == []
    never_missing = {field.name for record in RECORDS for field in record if not field.missing and field in stored}
    assert never_missing == {"video_id"}


def test_fields_of_the_data_of_an_answer_have_one_type_each() -> None:
    """Profiles and playlists are flattened into one structure, in which a name has one type."""
    types: dict[str, set[WireType]] = {}
    for field in _flat_fields():
        types.setdefault(field.name, set()).add(field.type)
    assert {name: kinds for name, kinds in types.items() if len(kinds) > 1} == {}


def _flat_fields() -> Iterator[Field]:
    for endpoint in ENDPOINTS.values():
        yield from endpoint.record if endpoint.is_flat else ()


def test_every_dataset_list_and_bucket_has_its_row() -> None:
    """The codebook describes every word of the vocabulary; only canaries and checks of ids are not loaded."""
    assert set(DATASETS) == set(Dataset)
    assert {row.dataset for row in LOADED} == set(Dataset) - {Dataset.CANARY, Dataset.VALIDATIONS}
    assert {row.table for row in LOADED} <= set(TABLES)
    assert set(GROUPS) == {row.group for row in LOADED}
    assert tuple(ACCOUNT_LISTS) == tuple(AccountList)
    assert set(QUOTAS) == set(Bucket)


def test_the_table_of_each_dataset_has_the_rows_of_each_load() -> None:
    """The audit counts a load's records in it, so a record that an earlier load had is a row of this load too."""
    assert {TABLES[row.table].loading for row in LOADED} == {Loading.EACH_LOAD}


def test_the_record_of_each_endpoint_is_a_record_of_the_codebook() -> None:
    """A record that `RECORDS` lacks is described and read by nothing."""
    records = {endpoint.name: endpoint.record for endpoint in ENDPOINTS.values() if endpoint.record}
    assert [name for name, record in records.items() if record not in RECORDS] == []


def test_every_asset_of_found_videos_is_collected_by_one_row() -> None:
    """Each has a coverage and functions that collect it and report on it, and its row says what it contains."""
    assert set(OF_FOUND_VIDEOS) == {row.asset for row in LOADED if row.group not in {"videos", SOCIAL}}
    assert set(COLLECTIONS) == set(OF_FOUND_VIDEOS)
    assert set(OF_ASSET) == set(OF_FOUND_VIDEOS)
    assert [asset for asset, row in OF_FOUND_VIDEOS.items() if not row.holds] == []


def test_a_field_that_no_record_has_is_a_key_error() -> None:
    """A wrong name is noticed at once."""
    with pytest.raises(KeyError, match="likes"):
        field_of(VIDEO, "likes")


def test_the_simulator_invents_no_field_that_it_models() -> None:
    """Every present field of a video and a profile is modelled, also if a record does not have it."""
    world = World.until_yesterday(NOW, seed=7, days=2, videos_per_day=200)
    videos = world.videos(world.last_day)
    now_s = NOW.timestamp()
    shown = [video_record(video, now_s, Knobs(missing_key_rates={})) for video in videos]
    profiles = [profile(video.creator, now_s) for video in videos]
    modelled = {name for record in shown for name in record}, {name for record in profiles for name in record}
    assert invented(VIDEO, modelled[0], 1) == {}
    assert invented(PROFILE, modelled[1], 1) == {}
