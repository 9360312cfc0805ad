"""Which cells of a notebook have to run so that some of them can: the others wait.

It is read from the names in the code, and leans to the safe side: what touches an
object that a needed cell touches is needed too, for it may change it. A seed holds for
the cell that sets it.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field

__all__ = ["needed"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
LISTS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
BRANCHES = (ast.If, ast.For, ast.While, ast.Try, ast.Match)
KNOWN = frozenset(dir(builtins))


def needed(texts: list[str], wanted: set[int]) -> list[int]:
    """Return the places of the cells to run for those at the places `wanted`, sorted.

    texts: the code of the cells in order; those below the last one wanted are left out.
    A cell is needed if it binds a name that a needed cell takes from outside, if it
    uses an object that a needed one uses or makes, or if it calls `setup()`. Where a
    cell can't be read, all are needed.
    """
    last = max(wanted)
    try:
        cells = [_read(text) for text in texts[: last + 1]]
    except SyntaxError:
        return [*range(last + 1)]
    firm = _firm(cells)
    found = wanted | {i for i, cell in enumerate(cells) if cell.acts}
    while True:
        taken = set().union(*(cells[i].takes for i in found))
        objects = set().union(taken, *(cells[i].binds for i in found)) - firm
        more = {
            i
            for i, cell in enumerate(cells)
            if cell.binds & taken or cell.takes & objects
        }
        if more <= found:
            return sorted(found)
        found |= more


@dataclass
class _Cell:
    """The names that a cell takes from outside, those it binds, and to what."""

    takes: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    firm: dict[str, set[str]] = field(default_factory=dict)  # name -> names in it
    loose: set[str] = field(default_factory=set)
    acts: bool = False


def _read(text: str) -> _Cell:
    """Return what the names of a cell say; SyntaxError if it is not plain Python."""
    body = ast.parse(text).body
    cell = _Cell(takes=_block(body))
    for statement in body:
        stored = _stored(statement)
        inside = _inside(statement)
        if inside is None:
            cell.loose |= stored
        else:
            cell.firm |= dict.fromkeys(stored, inside)
        cell.binds |= stored
        cell.acts |= ast.unparse(statement).startswith("setup(")
    return cell


def _inside(statement: ast.stmt) -> set[str] | None:
    """Return the names in what a statement binds for good; None if it may change.

    An import and a constant hold none, a function or a class those of its body.
    """
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    if isinstance(statement, DEFINED):
        return _free(statement)
    value = getattr(statement, "value", None)
    try:
        constant = isinstance(statement, ast.Assign) and ast.literal_eval(value)
    except ValueError:
        return None
    return set() if isinstance(constant, (int, float, str, tuple)) else None


def _firm(cells: list[_Cell]) -> set[str]:
    """Return the names that stand for nothing a cell could change."""
    loose = set().union(*(cell.loose for cell in cells))
    inside = [pair for cell in cells for pair in cell.firm.items()]
    firm = {name for name, _ in inside} - loose
    while True:
        shaky = {name for name, names in inside if not names <= firm}
        if not shaky & firm:
            return firm
        firm -= shaky


def _block(body: list[ast.stmt]) -> set[str]:
    """Return the names that statements, one after the other, take from outside."""
    free, bound = set(), set()
    for statement in body:
        free |= _free(statement) - bound
        if not isinstance(statement, BRANCHES):
            bound |= _stored(statement)
    return free


def _free(node: ast.AST) -> set[str]:
    """Return the names that a node takes from outside, but for those of Python."""
    if isinstance(node, ast.Name):
        return {node.id} - KNOWN if isinstance(node.ctx, ast.Load) else set()
    free, own = set(), set()
    if isinstance(node, FUNCTIONS):
        given = node.args
        own = {arg.arg for arg in ast.walk(given) if isinstance(arg, ast.arg)}
        free = set().union(
            *map(_free, [*given.defaults, *filter(None, given.kw_defaults)])
        )
    elif isinstance(node, LISTS):
        free = _free(node.generators[0].iter)
        own = set().union(*(_stored(part.target) for part in node.generators))
    elif isinstance(node, ast.For):
        own = _stored(node.target)
        free = _free(node.iter)
    elif isinstance(node, ast.AugAssign):
        free = _stored(node.target)
    inner = set()
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            inner |= _block(value)
            if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
                own |= set().union(*map(_stored, value))
            elif isinstance(node, ast.With):
                own |= set().union(*map(_stored, node.items))
        else:
            parts = value if isinstance(value, list) else [value]
            nodes = [part for part in parts if isinstance(part, ast.AST)]
            inner |= set().union(*map(_free, nodes))
    return free | (inner - own)


def _stored(node: ast.AST) -> set[str]:
    """Return the names that a node binds where it stands."""
    if isinstance(node, ast.Name):
        return set() if isinstance(node.ctx, ast.Load) else {node.id}
    if isinstance(node, DEFINED):
        return {node.name}
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).partition(".")[0]}
    if isinstance(node, (ast.Lambda, *LISTS)):
        return set()
    named = {node.name} if isinstance(node, ast.ExceptHandler) and node.name else set()
    return named.union(*map(_stored, ast.iter_child_nodes(node)))
