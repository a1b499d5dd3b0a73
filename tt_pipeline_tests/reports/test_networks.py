"""Networks have the edges of their tables, and networkx reads them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.exports import networks
from tt_pipeline.reports.exports.network_export import export_networks
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.vocabulary import Dataset, ExportFormat
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline.warehouse.published import open_published
from tt_pipeline_tests.warehouse.builders import CLOCK, OCTOBER, land, list_page, load, page, user_page, video

pytestmark = pytest.mark.newest

TAGS = ("<b>&\"'", "שלום", "🐝", "=cmd")


@pytest.fixture(scope="module")
def social(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six videos with the same odd hashtags and with mentions, and lists of followers and reposts."""
    folder = tmp_path_factory.mktemp("social")
    videos = [
        video(
            number,
            username="anna" if number < 4 else "ben",
            at=OCTOBER + timedelta(days=number % 2),
            hashtag_names=[*TAGS, *(["rare"] if number == 1 else [])],
            video_mention_list=["kim", "<jo>"] if number < 3 else ["kim"],
        )
        for number in range(1, 7)
    ]
    plain = [video(number, username="cara") for number in range(50, 60)]
    files = [
        land(folder / "landing", [page(*videos, *plain)]),
        land(folder / "landing", [user_page("anna"), user_page("ben")], load_id="users/2026-10-02/run-1"),
        land(
            folder / "landing",
            [list_page(Dataset.FOLLOWERS, "anna", "kim", "ben")],
            load_id="followers/2026-11-05/r",
        ),
        land(folder / "landing", [list_page(Dataset.REPOSTED, "ben", *videos[:2])], load_id="reposted/2026-11-05/r"),
    ]
    load(folder / "writer.duckdb", files)
    published = folder / "data" / "warehouse.duckdb"
    publish_file(folder / "writer.duckdb", published, CLOCK)
    return published


READERS = {ExportFormat.GEXF: nx.read_gexf, ExportFormat.GRAPHML: nx.read_graphml}
FORMATS = pytest.mark.parametrize("format_", [*READERS], ids=str)


def graph(published: Path, folder: Path, format_: ExportFormat, name: str) -> Any:
    """A network as networkx reads it."""
    exported = export_networks(published, [name], folder / "e", Shape(format=format_, created=CLOCK.now()))
    (file,) = exported.files
    return READERS[format_](folder / "e" / str(file.resource["path"]))


def plain(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes without what only the format adds."""
    return {name: value for name, value in attributes.items() if name not in {"id", "label", "kind"}}


@FORMATS
def test_hashtags_have_their_numbers(social: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """A file for each version of a search, undirected; weights, NPMI and names are those of the table."""
    found = graph(social, tmp_path, format_, "hashtags")
    sql = "select hashtag, other_hashtag, videos, npmi, lift from marts.hashtag_pairs"
    with open_published(social) as reader:
        known = reader.execute(sql).fetchall()

    assert (tmp_path / "e" / f"hashtags.climate.ffffffff.{format_}").exists()
    assert not found.is_directed()
    assert {frozenset(ends) for ends in found.edges} == {frozenset(row[:2]) for row in known}
    for one, other, videos, npmi, lift in known:
        edge = found.edges[one, other]
        assert (edge["weight"], edge["videos"], edge["npmi"], edge["lift"]) == (
            videos,
            videos,
            pytest.approx(npmi),
            pytest.approx(lift),
        )
    assert {found.nodes[node]["videos"] for node in found} == {6}
    assert set(found) == set(TAGS)
    assert {found.nodes[node]["label"] for node in found} == set(TAGS)


@FORMATS
def test_follows_lead_from_the_follower(social: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """Edges have their attributes, and nodes those of the profile as far as it is known."""
    found = graph(social, tmp_path, format_, "marts.follow_edges")
    assert set(found.edges) == {("kim", "anna"), ("ben", "anna")}
    edge = found.edges["kim", "anna"]
    assert (edge["seen_in"], edge["is_current"], edge["is_mutual"], edge["weight"]) == ("followers", True, False, 1)
    assert edge["first_seen_at"].endswith("Z")
    assert (found.nodes["anna"]["videos"], found.nodes["anna"]["kind"]) == (3, "account")
    assert found.nodes["anna"]["follower_count"] > 0
    assert "follower_count" not in found.nodes["kim"]


@FORMATS
def test_reposts_and_mentions_are_weighted_by_videos(social: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """Who reposts whom, and whose videos mention whom; an account with markup in its name is a node."""
    reposts = graph(social, tmp_path / "r", format_, "reposts")
    mentions = graph(social, tmp_path / "m", format_, "mentions")
    assert {(*ends, data["weight"]) for *ends, data in reposts.edges(data=True)} == {("ben", "anna", 2)}
    assert {(*ends, data["weight"]) for *ends, data in mentions.edges(data=True)} == {
        ("anna", "kim", 3),
        ("anna", "<jo>", 2),
        ("ben", "kim", 3),
    }
    assert (mentions.edges["anna", "kim"]["first_date"], mentions.edges["anna", "kim"]["last_date"]) == (
        f"{OCTOBER:%Y-%m-%d}",
        f"{OCTOBER + timedelta(days=1):%Y-%m-%d}",
    )


@FORMATS
def test_a_network_without_edges_is_a_file(published: Path, tmp_path: Path, format_: ExportFormat) -> None:
    """It has no node, and networkx reads it."""
    assert len(graph(published, tmp_path, format_, "reposts")) == 0


def test_comments_make_no_network(social: Path, tmp_path: Path) -> None:
    """The API does not say who wrote a comment; the message says so, and what to export instead."""
    for name in ("comments", "replies", "marts.comment_threads"):
        with pytest.raises(UsageError, match="Comments have no author in the Research API"):
            graph(social, tmp_path, ExportFormat.GEXF, name)
    assert [*tmp_path.iterdir()] == []


def test_a_network_too_large_for_memory_is_refused(
    social: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written; the message names the table to export instead."""
    monkeypatch.setattr(networks, "MOST_EDGES", 1)
    with pytest.raises(UsageError, match=r"follows has 2 edges.*at most 1; .*`tt export marts.follow_edges"):
        graph(social, tmp_path, ExportFormat.GEXF, "follows")
    assert [*tmp_path.iterdir()] == []


def test_the_description_has_every_attribute(social: Path, tmp_path: Path) -> None:
    """Ends and attributes of edges and nodes are in the data dictionary with their meaning."""
    exported = export_networks(social, [], tmp_path / "e", Shape(format=ExportFormat.GEXF, created=CLOCK.now()))
    fields = {
        str(file.resource["name"]): [field["name"] for field in file.resource["schema"]["fields"]]
        for file in exported.files
    }
    assert fields["hashtags.climate.ffffffff"][:4] == ["edge.source", "edge.target", "edge.weight", "edge.videos"]
    assert "node.follower_count" in fields["follows"]
    assert "npmi" in (tmp_path / "e" / "data-dictionary.csv").read_text(encoding="utf-8")
