"""The product's own files, read as syntax trees, for the tests of the house rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[1]
ROOT = PROJECT / "shopdesk"
TESTS = PROJECT / "tests"
FILES = sorted(ROOT.rglob("*.py"))
IN_FEATURES = [path for path in FILES if path.parent != ROOT]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path) -> tuple[str, str]:
    """(feature, layer): the folder's name and the file's, or the name of the layer's folder."""
    feature, *rest = path.relative_to(ROOT).parts
    return feature, rest[0].removesuffix(".py") if rest else ""


def imported(path: Path) -> Iterator[tuple[str, ...]]:
    """Each import as a dotted path in parts, down to the imported name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno} imports relatively"
            for alias in node.names:
                yield (*(node.module or "").split("."), alias.name)


def own_imports(path: Path) -> Iterator[tuple[str, str]]:
    """(feature, layer) of every import from the product; layer is "" for a feature as a whole."""
    for head, *rest in imported(path):
        if head == "shopdesk" and rest:
            yield rest[0], rest[1] if len(rest) > 1 else ""


def functions(path: Path) -> list[Function]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, Function)]


@cache
def calls(node: ast.AST) -> list[tuple[str, int]]:
    """Every call below a node as its dotted text and line."""
    return [(ast.unparse(inner.func), inner.lineno) for inner in ast.walk(node) if isinstance(inner, ast.Call)]


def decorators(function: Function) -> set[str]:
    return {ast.unparse(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list}
