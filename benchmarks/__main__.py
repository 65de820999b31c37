"""`python3 manage.py bench`: fill, serve, ask, print.  See docs/performance.md."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Sequence

from benchmarks.engines import ENGINES
from benchmarks.killing import killed
from benchmarks.measuring import COSTS, FULL, QUICK, measure
from benchmarks.printing import print_growth, print_report
from benchmarks.refunds import measured

SIZES = (10_000, 100_000)
QUICK_SIZE = 300


def main(arguments: Sequence[str]) -> int:
    options = parser().parse_args(arguments)
    if options.refunds or options.refund_rounds or options.refund_stories or options.refund_kills:
        return refunds(options)
    if options.kills:
        return kill(options.kills, options.engine or ENGINES)
    sizes = options.orders or ([QUICK_SIZE] if options.quick else list(SIZES))
    effort = COSTS if options.costs else QUICK if options.quick else FULL
    failed = 0
    for engine in options.engine or ENGINES:
        reports = []
        for size in sizes:
            reports.append(measure(engine, size, effort))
            print_report(reports[-1])
            failed += sum(row.ours.failed for row in reports[-1].rows)
        for small, large in itertools.pairwise(reports):
            print_growth(small, large)
    return 1 if failed else 0


def refunds(options: argparse.Namespace) -> int:
    """Money back, and nothing else; 1 where books and place contradict each other."""
    failed = sum(
        measured(
            engine, rounds=options.refund_rounds, stories=options.refund_stories, kills=options.refund_kills
        )
        for engine in options.engine or ENGINES
    )  # fmt: skip
    return 1 if failed else 0


def kill(times: int, engines: Sequence[str]) -> int:
    """kill -9 in mid-story, `times` on each engine; 1 where something acknowledged was lost or left half-done."""
    failed = 0
    for engine in engines:
        report = killed(engine, times)
        print(f"{engine}: {report}")
        failed += len(report.problems)
    return 1 if failed else 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="manage.py bench", description=__doc__, allow_abbrev=False)
    made.add_argument("--orders", type=int, action="append", metavar="N", help="a size; repeatable; default: 10k, 100k")
    made.add_argument("--engine", choices=ENGINES, action="append", help="repeatable; default: both")
    made.add_argument("--quick", action="store_true", help="a look whether everything works, in seconds")
    made.add_argument("--costs", action="store_true", help="only statements, pages and CPU time and how they grow")
    made.add_argument("--refunds", action="store_true", help="decisions about refunds: pace, and nothing else")
    for name, what in (("rounds", "of 2 to 32 clerks at once"), ("stories", "of crashes"), ("kills", "of processes")):
        made.add_argument(f"--refund-{name}", type=int, default=0, metavar="N", help=f"refunds: N {name} {what}")
    made.add_argument("--kills", type=int, metavar="N", help="kill -9 in the middle of N stories, and nothing else")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
