"""The tables, as text that is Markdown too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.measuring import Report, Row


def print_report(report: Report) -> None:
    if not report.rows:
        return
    bare = f"{report.nothing.per_second:.0f} bare answers/s" if report.nothing else ""
    print(f"\n### {report.engine}, {report.orders:,} orders\n")
    print(
        f"Filled with {report.filled_rows:,} rows in {report.fill_seconds:.0f} s; server answers after "
        f"{report.start_seconds:.1f} s; {bare}; workers {', '.join(f'{mb:.0f} MB' for mb in report.worker_mb)}.\n"
    )
    head = ("path", "clients", "requests/s", "p50 ms", "p99 ms", "bound/s", "ratio", "floor", "statements", "failed")
    print_table(head, (_cells(report, row) for row in report.rows))
    exact, check = report.row("look-up: order number", 1), report.row("pre-print check, 200 orders", 1)
    for name in ("look-up: name, 1 character", "look-up: name, 2 characters"):
        ratio = report.row(name, 1).ours.p99_ms / (exact.ours.p99_ms or 1)
        print(f"\n- p99 of {name} : order number's (1 client) = {ratio:.1f} × (floor ≤ 3 ×)")
    print(f"- pre-print check of 200 : one look-up (p50, 1 client) = {_times(check, exact):.1f} × (floor ≤ 5 ×)")


def print_growth(small: Report, large: Report) -> None:
    """How much slower the larger desk is."""
    print(f"\n### {small.engine}, growth from {small.orders:,} to {large.orders:,} orders (floor: p50 ≤ 1.3 ×)\n")
    head = ("path", "p50 ×, 1 client", "statements", "CPU ms", "CPU ×", "pages touched", "pages ×")
    print_table(head, (_growth(small, large, path) for path in large.costs))


def _growth(small: Report, large: Report, path: str) -> list[str]:
    before, after = small.costs[path], large.costs[path]
    p50 = f"{_times(large.row(path, 1), small.row(path, 1)):.2f}" if large.rows else ""
    cells = [path, p50, f"{before.statements:.1f} → {after.statements:.1f}"]
    cells += [f"{before.cpu_ms:.2f} → {after.cpu_ms:.2f}", f"{after.cpu_ms / (before.cpu_ms or 1):.2f}"]
    if before.pages is None or after.pages is None:
        return [*cells, "", ""]
    return [*cells, f"{before.pages:.0f} → {after.pages:.0f}", f"{after.pages / (before.pages or 1):.2f}"]


def _times(row: Row, other: Row) -> float:
    return row.ours.p50_ms / (other.ours.p50_ms or 1)


def _cells(report: Report, row: Row) -> list[str]:
    cost = report.costs.get(row.path)
    return [
        row.path,
        str(row.clients),
        f"{row.ours.per_second:.0f}",
        f"{row.ours.p50_ms:.1f}",
        f"{row.ours.p99_ms:.1f}",
        f"{row.bound.per_second:.0f}" if row.bound else "",
        f"{row.ratio:.2f}" if row.ratio is not None else "",
        row.floor,
        f"{cost.statements:.1f}" if cost else "",
        str(row.ours.failed + (row.bound.failed if row.bound else 0) or ""),
    ]


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print(f"| {' | '.join(head)} |")
    print(f"|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
