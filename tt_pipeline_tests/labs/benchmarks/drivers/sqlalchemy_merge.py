"""SQLAlchemy's ORM into SQLite, `session.merge` for each record: arguments are records, folder."""

import json
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Text, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tt_pipeline_tests.labs.benchmarks.measuring import measure, print_measured


class Base(DeclarativeBase):
    """Declares tables."""


class Video(Base):
    """A video with all its fields; lists stay JSON."""

    __tablename__ = "videos"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    create_time: Mapped[int | None] = mapped_column(BigInteger)
    username: Mapped[str | None] = mapped_column(Text)
    region_code: Mapped[str | None] = mapped_column(Text)
    video_description: Mapped[str | None] = mapped_column(Text)
    music_id: Mapped[int | None] = mapped_column(BigInteger)
    like_count: Mapped[int | None] = mapped_column(BigInteger)
    comment_count: Mapped[int | None] = mapped_column(BigInteger)
    share_count: Mapped[int | None] = mapped_column(BigInteger)
    view_count: Mapped[int | None] = mapped_column(BigInteger)
    favorites_count: Mapped[int | None] = mapped_column(BigInteger)
    effect_ids: Mapped[Any | None] = mapped_column(JSON)
    effect_info_list: Mapped[Any | None] = mapped_column(JSON)
    hashtag_names: Mapped[Any | None] = mapped_column(JSON)
    hashtag_info_list: Mapped[Any | None] = mapped_column(JSON)
    sticker_info_list: Mapped[Any | None] = mapped_column(JSON)
    video_mention_list: Mapped[Any | None] = mapped_column(JSON)
    video_label: Mapped[Any | None] = mapped_column(JSON)
    video_tag: Mapped[Any | None] = mapped_column(JSON)
    playlist_id: Mapped[int | None] = mapped_column(BigInteger)
    voice_to_text: Mapped[str | None] = mapped_column(Text)
    is_stem_verified: Mapped[bool | None] = mapped_column(Boolean)
    video_duration: Mapped[int | None] = mapped_column(BigInteger)


def main(records: Path, folder: Path) -> None:
    """Merge every record, and commit once."""

    def load() -> int:
        engine = create_engine(f"sqlite:///{folder / 'orm.sqlite'}")
        Base.metadata.create_all(engine)
        rows = 0
        with Session(engine) as session, records.open("rb") as pages:
            for page in pages:
                for record in json.loads(page):
                    session.merge(Video(**record))
                    rows += 1
            session.commit()
        return rows

    print_measured(measure(load))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
