"""A working copy's scenarios played on the real engine, before it is published.

Owns the stage (a scratch engine with the working copy on it), what the scenarios visited of it, and the findings that
refuse a publication. Nothing of it reaches the engine it was asked of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.model import NodeInfo
from engine.clock import ManualClock
from engine.errors import LinliError, Said
from engine.facade import Engine
from engine.packs import PackFiles
from engine.records import Finding
from engine.scenarios.files import FOLDER, parse
from engine.scenarios.play import Outcome, Visited, run


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one file. `problems`: in words; none = it passed."""

    file: str
    title: str
    problems: tuple[Said, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Coverage:
    """One process: its elements by id, and those that some scenario visited."""

    process: str
    name: str
    file: str
    nodes: Mapping[str, NodeInfo]
    visited: frozenset[str]

    @property
    def missed(self) -> list[NodeInfo]:
        """Elements that no scenario visits, in the diagram's order."""
        return [node for key, node in self.nodes.items() if key not in self.visited]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All scenarios of a working copy. `refused`: why it could not even be put on a stage."""

    verdicts: tuple[Verdict, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    refused: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no scenario failed."""
        return not self.refused and all(verdict.passed for verdict in self.verdicts)


def rehearse(engine: Engine, pack: PackFiles) -> Rehearsal:
    """Play every scenario of a pack that is not deployed. DeploymentRefused when it cannot be."""
    stage = engine.stage(pack, ManualClock(engine.clock.now()))
    try:
        visited: set[Visited] = set()
        verdicts = []
        for file, content in sorted(pack.aside.items()):
            if file.startswith(FOLDER) and file.endswith(".toml"):
                verdict, seen = _played(stage, file, content)
                verdicts.append(verdict)
                visited |= seen
        return Rehearsal(tuple(verdicts), tuple(_coverage(stage, pack, visited)))
    finally:
        stage.close()


def _played(stage: Engine, file: str, content: bytes) -> tuple[Verdict, frozenset[Visited]]:
    try:
        scenario = parse(file, content)
        outcome: Outcome = run(stage, scenario)
    except LinliError as problem:
        return Verdict(file, file, (Said(problem.text("zh"), problem.text("en")),)), frozenset()
    return Verdict(file, scenario.title, outcome.problems), outcome.visited


def _coverage(stage: Engine, pack: PackFiles, visited: set[Visited]) -> Iterator[Coverage]:
    for one in stage.definitions(kind="process"):
        if one.file in pack.files and one.pack == pack.name:
            info = stage.process_info(one.id)
            seen = frozenset(node for process, node in visited if process == one.key)
            yield Coverage(one.key, info.name or one.key, one.file, info.nodes, seen)


def check(engine: Engine, name: str) -> Iterator[Finding]:
    """Findings that refuse a publication: the first sentence of each scenario that fails."""
    pack = engine.pack_contents(name)
    if not any(file.startswith(FOLDER) for file in pack.aside):
        return
    for verdict in rehearse(engine, pack).verdicts:
        for said in verdict.problems[:1]:
            zh = f"场景“{verdict.title}”没有通过：{said.zh}"
            en = f"The scenario “{verdict.title}” failed: {said.en}"
            yield Finding(verdict.file, 1, "", "error", "scenario-failed", zh, en)
