"""Every operation on every shape, on both databases: it works as its act says, or is refused with clear words, and what
is left is sound either way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.settings import Settings
from tests.conftest import MONDAY_0900_SHANGHAI
from tests.engine.operations.play import Play, populate
from tests.engine.operations.shapes import SHAPES, Shape, Task
from tests.engine.operations.table import OPERATIONS, Operation

CELLS = [(operation, shape) for operation in OPERATIONS for shape in SHAPES]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One town for all cells of a database: each plays cases of its own."""
    folder: Path = tmp_path_factory.mktemp("town")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "linli.db")
        url, server, name = f"sqlite:///{folder}/linli.db", None, ""
    else:
        server = request.getfixturevalue("postgres")
        name = server.lend(request.getfixturevalue("postgres_template"))
        url = server.url(name)
    engine = Engine(url, ManualClock(MONDAY_0900_SHANGHAI), Settings(data=str(folder / "var")))
    populate(engine)
    yield engine
    whole = engine.doctor()
    engine.close()
    if server is not None:
        server.give_back(name)
    assert whole == []


@pytest.mark.parametrize(
    ("operation", "shape"), CELLS, ids=[f"{operation.key}-{shape.key}" for operation, shape in CELLS]
)
def test_operation_on_shape(town: Engine, operation: Operation, shape: Shape) -> None:
    assert isinstance(town.clock, ManualClock)
    play = Play(town, town.clock, shape, f"{operation.key}-{shape.key}", _fitting(operation.task, shape))
    refusal = operation.refused.get(shape.key)
    if refusal is None:
        play.begin(**operation.variables)
        operation.act(play)
    else:
        with pytest.raises(refusal.kind) as refused:
            play.begin(**operation.variables)
            operation.act(play)
        assert refusal.words.zh in refused.value.text("zh")
    if play.case and not operation.ends:
        play.settle()


def _fitting(task: Task, shape: Shape) -> Task:
    """Settings of signatures stand only where somebody signs with others."""
    alone = not (task.several or shape.several)
    props = {name: value for name, value in task.props.items() if not (alone and name == "signing")}
    several = task.several and shape.key != "single"
    if task.several and shape.key == "single":
        return Task(task.props, task.people, task.due, False, "signers")
    return Task(props, task.people, task.due, several, task.over)


def test_the_table_has_no_hole() -> None:
    """Each row says what it comes to on each shape, and names only shapes that there are."""
    known = {shape.key for shape in SHAPES}
    assert len({operation.key for operation in OPERATIONS}) == len(OPERATIONS)
    assert all(set(operation.refused) <= known for operation in OPERATIONS)
