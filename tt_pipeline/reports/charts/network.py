"""A network of hashtags, laid out by forces so that the same rows always give the same picture."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import altair as alt

from tt_pipeline.reports.charts.frame import BLUE, FOREGROUND, GREY, Frame, Row, short
from tt_pipeline.reports.charts.marks import Chart, data

MOST_NODES: Final = 60
_ROUNDS: Final = 150
Place = tuple[float, float]


def nodes_and_edges(rows: Sequence[Row]) -> tuple[dict[str, int], list[Row]]:
    """Hashtags with their number of videos, and the pairs between them; pairs beyond 60 hashtags are left out.

    Args:
        rows: Columns hashtag, other_hashtag, hashtag_videos, other_videos, npmi; the most important first.
    """
    nodes: dict[str, int] = {}
    edges = []
    for row in rows:
        new = {row["hashtag"]: row["hashtag_videos"], row["other_hashtag"]: row["other_videos"]}
        if len(nodes | new) <= MOST_NODES:
            nodes |= new
            edges.append(row)
    return nodes, edges


def network(rows: Sequence[Row], frame: Frame) -> Chart:
    """Hashtags as points, whose size is their number of videos, and pairs as lines, whose width is their NPMI.

    Args:
        rows: As for `nodes_and_edges`.
        frame: Where it is drawn.
    """
    nodes, edges = nodes_and_edges(rows)
    places = layout(list(nodes), [(row["hashtag"], row["other_hashtag"]) for row in edges])
    points = [{"x": places[name][0], "y": places[name][1], "name": short(name, 22), "n": nodes[name]} for name in nodes]
    lines = [
        dict(zip(("x", "y", "x2", "y2"), (*places[row["hashtag"]], *places[row["other_hashtag"]]), strict=True))
        | {"npmi": row["npmi"]}
        for row in edges
    ]
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.12, 1.12]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.05, 1.05]))
    width = alt.StrokeWidth("npmi:Q", scale=alt.Scale(domain=[0, 1], range=[0.5, 5]), legend=None)
    edge = alt.Chart(data(lines)).mark_rule(color=GREY).encode(x=x, y=y, x2="x2:Q", y2="y2:Q", strokeWidth=width)
    chart = alt.Chart(data(points)).encode(x=x, y=y)
    size = alt.Size("n:Q", scale=alt.Scale(range=[20, 300]), legend=None)
    point = chart.mark_circle(color=BLUE, opacity=1).encode(size=size)
    halo = chart.mark_text(dy=-10, fontSize=11, stroke="var(--page)", strokeWidth=3).encode(text="name:N")
    text = chart.mark_text(dy=-10, fontSize=11, color=FOREGROUND).encode(text="name:N")
    height = 520 if frame.is_narrow else 480
    return alt.layer(edge, point, halo, text).properties(width=frame.width - 20, height=height)


def layout(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> Mapping[str, Place]:
    """A place from 0 to 1 in both directions for each name (the algorithm of Fruchterman and Reingold).

    Args:
        names: Different names; the order decides where each begins.
        edges: Pairs of these names.
    """
    golden = math.pi * (3 - math.sqrt(5))
    number = max(1, len(names))
    places = {
        name: (
            math.sqrt((i + 0.5) / number) * math.cos(i * golden),
            math.sqrt((i + 0.5) / number) * math.sin(i * golden),
        )
        for i, name in enumerate(names)
    }
    ideal = 1.6 / math.sqrt(number)
    for turn in range(_ROUNDS):
        moves = _moves(places, edges, ideal)
        most = 0.15 * (1 - turn / _ROUNDS)
        places = {name: _moved(places[name], moves[name], most) for name in names}
    return _scaled(places)


def _moves(places: Mapping[str, Place], edges: Sequence[tuple[str, str]], ideal: float) -> dict[str, Place]:
    moves = {}
    for name, (x, y) in places.items():
        dx, dy = -x * 0.6, -y * 0.6  # groups without a line between them stay near
        for other, (ox, oy) in places.items():
            if other != name:
                square = max((x - ox) ** 2 + (y - oy) ** 2, 1e-6)
                dx, dy = dx + (x - ox) / square * ideal**2, dy + (y - oy) / square * ideal**2
        moves[name] = (dx, dy)
    for one, other in edges:
        (x, y), (ox, oy) = places[one], places[other]
        pull = math.hypot(ox - x, oy - y) / ideal
        dx, dy = (ox - x) * pull, (oy - y) * pull
        moves[one] = (moves[one][0] + dx, moves[one][1] + dy)
        moves[other] = (moves[other][0] - dx, moves[other][1] - dy)
    return moves


def _moved(place: Place, move: Place, most: float) -> Place:
    length = math.hypot(*move) or 1
    step = min(length, most) / length
    return place[0] + move[0] * step, place[1] + move[1] * step


def _scaled(places: Mapping[str, Place]) -> Mapping[str, Place]:
    if not places:
        return {}
    columns, rows = [x for x, _ in places.values()], [y for _, y in places.values()]
    width, height = max(columns) - min(columns) or 1, max(rows) - min(rows) or 1
    return {name: ((x - min(columns)) / width, (y - min(rows)) / height) for name, (x, y) in places.items()}
