"""What the stage files together say: which topics there are, where a group stands, and places as positions."""

from gateway.bus.port import At, Beginning, End, Lag, Place, Positions
from gateway.bus.sqlite import reading
from gateway.bus.sqlite.layout import OFFSET_BITS, micros
from gateway.bus.sqlite.lease import positions
from gateway.bus.sqlite.stages import StageFiles
from gateway.errors import Invalid


def home_of(files: StageFiles, topic: str, group: str) -> str | None:
    """The stage that reads for a group and keeps its positions; None while the group has never run.

    A group belongs to the stage that first read for it: its positions lie in that stage's file, because only there
    can they move in the transaction of its outputs.
    """
    for stage in files.all():
        query = "select count(*) from lease where topic = ? and reader = ?"
        if stage.connection.execute(query, (topic, group)).get:
            return stage.name
    return None


def positions_of(files: StageFiles, topic: str, group: str) -> dict[str, int]:
    """A group's next offsets per producing stage, read from wherever they lie."""
    name = home_of(files, topic, group)
    home = None if name is None else files.named(name)
    return {} if home is None else positions(home.connection, topic, group)


def lag_of(files: StageFiles, topic: str, group: str, *, now: int) -> Lag:
    """What a group has before it; `now` in microseconds since 1970."""
    known = positions_of(files, topic, group)
    count = 0
    oldest = now
    for stage in files.all():
        start = max(known.get(stage.name, 0), reading.beginning(stage, topic))
        ahead = reading.end(stage, topic) - start
        at = reading.published_at(stage, topic, start) if ahead > 0 else None
        if at is not None:
            count += ahead
            oldest = min(oldest, at)
    return Lag(count, (now - oldest) / 1_000_000)


def resolve(files: StageFiles, topic: str, place: Place) -> dict[str, int]:
    """The next offset to read per producing stage; stages that are not named keep theirs, or begin.

    Raises `Invalid("unknown_partition")` or `Invalid("bad_position")` for positions that cannot be.
    """
    stages = files.all()
    match place:
        case Beginning():
            return {stage.name: 0 for stage in stages}
        case End():
            return {stage.name: reading.end(stage, topic) for stage in stages}
        case At(time):
            if time.tzinfo is None:
                raise Invalid("naive_time", "The instant must name its zone.")
            return {stage.name: reading.offset_at(stage, topic, micros(time)) for stage in stages}
        case Positions(following):
            if not set(following) <= {stage.name for stage in stages}:
                raise Invalid("unknown_partition", "Positions name a stage that has published nothing here.")
            if not all(0 <= offset < 1 << OFFSET_BITS for offset in following.values()):
                raise Invalid("bad_position", "A position is an offset from 0 on.")
            return dict(following)


def topics_of(files: StageFiles) -> list[str]:
    """Names of the topics on which any stage has published, sorted."""
    found: set[str] = set()
    for stage in files.all():
        found.update(name for (name,) in stage.connection.execute("select name from topic"))
    return sorted(found)
