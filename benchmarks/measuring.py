"""One engine, one size: every path, ShopDesk and bound in turns, so that a busy machine is unfair to neither."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks import paths
from benchmarks.client import Request, Result, load, merge
from benchmarks.engines import Desk, desk
from benchmarks.paths import Path
from benchmarks.server import Server, server
from benchmarks.statements import Cost, costs
from benchmarks.world import World, fill


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure."""

    rounds: int  # odd: the median round counts
    most: int  # requests of a round
    seconds: float  # of a round
    clients: tuple[int, ...] = (1, 8)


QUICK = Effort(rounds=1, most=40, seconds=0.3)
COSTS = Effort(rounds=0, most=0, seconds=0, clients=())  # no server: what the database has to do
FULL = Effort(rounds=3, most=4000, seconds=0.5)


@dataclass(frozen=True, slots=True)
class Row:
    path: str
    clients: int
    ours: Result
    bound: Result | None
    floor: str

    @property
    def ratio(self) -> float | None:
        """Our answers a second against the bound's."""
        return self.ours.per_second / self.bound.per_second if self.bound and self.bound.per_second else None


@dataclass(slots=True)
class Report:
    engine: str
    orders: int
    fill_seconds: float = 0.0
    filled_rows: int = 0
    start_seconds: float = 0.0
    worker_mb: list[float] = field(default_factory=list)
    nothing: Result | None = None  # the bare server
    rows: list[Row] = field(default_factory=list)
    costs: dict[str, Cost] = field(default_factory=dict)

    def row(self, path: str, clients: int) -> Row:
        return next(r for r in self.rows if r.path == path and r.clients == clients)


def measure(engine: str, orders: int, effort: Effort) -> Report:
    with desk(engine, orders) as there:
        world = fill(there.app, orders)
        report = Report(engine, orders, fill_seconds=world.seconds, filled_rows=world.rows)
        report.costs = costs(there.app, world)
        if not effort.clients:
            return report
        with server(there) as serving:
            report.start_seconds = serving.started_seconds
            _all(report, there, serving, world, effort)
            report.worker_mb = serving.worker_mb()
        return report


def _all(report: Report, there: Desk, serving: Server, world: World, effort: Effort) -> None:
    report.nothing = load(
        serving.port, [Request("/bound/nothing")], "", clients=8, most=effort.most, seconds=effort.seconds
    )
    for path in [*paths.reads(world), paths.pre_print(world)]:
        for clients in effort.clients:
            report.rows.append(_in_turns(path, serving, world.token, clients, effort))
    fresh = world.changeable[:-200] or world.changeable
    share = min(len(fresh) // len(effort.clients), effort.most // 4, 300)
    for place, clients in enumerate(effort.clients):
        mine = fresh[place * share : (place + 1) * share]
        path = paths.changes(mine)
        done = load(serving.port, path.ours, world.token, clients=clients, most=share, seconds=5)
        report.rows.append(Row(path.name, clients, done, None, path.floor))


def _in_turns(path: Path, serving: Server, token: str, clients: int, effort: Effort) -> Row:
    ours: list[Result] = []
    bound: list[Result] = []
    for requests in (path.ours, path.bound):  # the first ones fill caches and prepare statements
        if requests:
            load(serving.port, requests, token, clients=clients, most=30, seconds=1)
    for _ in range(effort.rounds):
        for requests, results in ((path.ours, ours), (path.bound, bound)):
            if requests:
                done = load(serving.port, requests, token, clients=clients, most=effort.most, seconds=effort.seconds)
                results.append(done)
    whole = merge(bound) if bound else None
    return Row(path.name, clients, merge(ours), whole, path.floor)
