"""An entry of docs/attacks/README.md, played three times: all honest, with the lie, and with the lie and its check off.

A check is named by its function and what it raises, as in `sdk.pulling.Pulling._check_head: rollback`: the error's code
(or its class's), or the function that it calls. To switch it off, that one branch is taken out of the function's own
source and nothing else changes; a name that fits no branch fails the test.
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

import pytest

from mindhaven.errors import MindhavenError

NOTHING = "-"
"""In the place of an error: the attack does nothing, and nobody needs to be told."""


@dataclass(frozen=True)
class Entry:
    """What a mark says: the entry, the error that names it, the checks that find it, what happens without them.

    `why`: instead of `off`, why there is no check to switch off. `then`: what the lie achieves without the checks.
    """

    name: str
    error: str
    off: tuple[str, ...] = ()
    then: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        assert bool(self.off and self.then) != bool(self.why), f"{self.name}: a check and what follows, or a reason"


def entry(name: str, error: str, *, off: str | tuple[str, ...] = (), then: str = "", why: str = "") -> Any:
    """Return the mark of a test that plays an entry."""
    made = Entry(name, error, (off,) if isinstance(off, str) else off, then, why)
    return pytest.mark.entry(made)


def function_of(name: str) -> FunctionType:
    """Return the function that a check's name begins with, such as `sdk.pulling.Pulling._check_head`."""
    parts = ["mindhaven", *name.split(".")]
    for length in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = inspect.getattr_static(found, part)
        found = found.__func__ if isinstance(found, staticmethod | classmethod) else found
        assert isinstance(found, FunctionType), name
        return found
    raise AssertionError(name)


class _Out(ast.NodeTransformer):
    """Takes the branches out that one of `codes` names; counts them in `found`."""

    def __init__(self, codes: list[str], names: Mapping[str, Any]) -> None:
        self.codes, self.names = codes, names
        self.found = dict.fromkeys(codes, 0)

    def _named(self, value: ast.expr | None) -> bool:
        if isinstance(value, ast.Await):
            value = value.value
        if not isinstance(value, ast.Call):
            return False
        target = value.func
        called = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
        told = [
            word.value.value for word in value.keywords if word.arg == "code" and isinstance(word.value, ast.Constant)
        ]
        if called == "Denied" and value.args and isinstance(value.args[0], ast.Constant):
            told.append(value.args[0].value)
        kind = self.names.get(called)
        if not told and isinstance(kind, type) and issubclass(kind, MindhavenError):
            told.append(kind.code)
        for code in self.codes:
            if code in told or code == called:
                self.found[code] += 1
                return True
        return False

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node) if self._named(node.exc) else node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node) if self._named(node.value) else node

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node) if self._named(node.value) else node


def without(function: FunctionType, codes: list[str]) -> CodeType:
    """Return the code of a function without the branches that `codes` name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    made = tree.body[0]
    assert isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef)
    made.decorator_list = []
    out = _Out(codes, function.__globals__)
    out.visit(made)
    missing = [code for code, count in out.found.items() if not count]
    assert not missing, f"{function.__qualname__} has no branch {missing}"
    whole = compile(ast.fix_missing_locations(tree), inspect.getfile(function), "exec")
    return next(one for one in whole.co_consts if isinstance(one, CodeType) and one.co_name == made.name)


def switch_off(patch: pytest.MonkeyPatch, *checks: str) -> None:
    """Switch named checks off, wherever their functions are used."""
    wanted: dict[FunctionType, list[str]] = {}
    for check in checks:
        name, _, code = check.partition(": ")
        assert code, check
        function = inspect.unwrap(function_of(name))
        wanted.setdefault(function, []).append(code)  # type: ignore[arg-type]
    for function, codes in wanted.items():
        patch.setattr(function, "__code__", without(function, codes))


class Play:
    """One entry as it is played; what was left out fails the test at its end."""

    def __init__(self, made: Entry, patch: pytest.MonkeyPatch) -> None:
        self.entry, self._patch = made, patch
        self.done: list[str] = []

    @contextmanager
    def honest(self) -> Iterator[None]:
        """All are honest: what is asked works."""
        yield
        self.done.append("honest")

    @contextmanager
    def lie(self, *, advice: bool = True) -> Iterator["pytest.ExceptionInfo[MindhavenError]"]:
        """The lie is told; the error that names it must come, with advice that a person can follow."""
        with pytest.raises(MindhavenError) as found:
            yield found
        self.named(found.value, advice=advice)

    def named(self, error: MindhavenError | str | None, *, advice: bool = True) -> None:
        """Check the error that was told in another way than by raising it."""
        reason = error.reason if isinstance(error, MindhavenError) else error
        assert reason == self.entry.error, error
        if isinstance(error, MindhavenError) and advice:
            assert error.message.endswith("."), error.message
            assert error.hint, f"{reason}: nobody is told what to do"
        self.done.append("lie")

    @contextmanager
    def harmless(self) -> Iterator[None]:
        """The attack is made and nothing needs to be told: what it would do does not happen."""
        assert self.entry.error == NOTHING
        yield
        self.done.append("lie")

    @contextmanager
    def off(self, **instead: Callable[..., Any]) -> Iterator[None]:
        """The named checks are off; the lie must do what the entry says. `instead`: by which function, by its name."""
        with self._patch.context() as patch:
            for name in self.entry.off:
                if ": " not in name:
                    patch.setattr(function_of(name), "__code__", instead[name.rpartition(".")[2]].__code__)
            switch_off(patch, *[name for name in self.entry.off if ": " in name])
            yield
        self.done.append("off")

    def end(self) -> None:
        """Fail if a part was not played."""
        wanted = {"honest", "lie"} | ({"off"} if self.entry.off else set())
        assert set(self.done) == wanted, f"{self.entry.name}: played {self.done}"
