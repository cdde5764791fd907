"""Change the core on purpose, one place at a time, and see whether a test notices.

    python tools/mutants.py [--minutes 20] [--seed N] [--workers 2] [--only PART_OF_A_PATH]

Mutants are drawn evenly over crypto/, protocol/, tlog/, law/ and every rules.py. Each goes into a copy of the
package that stands first on PYTHONPATH; the tree is never touched. A survivor is a change that no test of its package
and no vector noticed: kill it by a better test, or say in tools/mutants_explained.toml why it changes nothing.
Exits 1 if a survivor is not explained.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
EXPLAINED = ROOT / "tools" / "mutants_explained.toml"
SKIPPED = {"age.py", "words.py", "__init__.py"}
"""age.py is a format of others with its own vectors; words.py is data."""
TIMEOUT_SECONDS = 90
COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
REPLACED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.Mult: ast.Add, ast.Mod: ast.Mult, ast.FloorDiv: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the module, the line, what stood there, what stands there now, and the whole new source."""

    path: Path
    line: int
    before: str
    after: str
    source: str

    @property
    def key(self) -> str:
        return f"{self.path.relative_to(SOURCE)}: {self.before} -> {self.after}"


def changes(node: ast.AST) -> Iterator[ast.AST | None]:
    """Yield what `node` may be changed to; None: nothing at all (`pass`)."""
    match node:
        case ast.Compare():
            for at, op in enumerate(node.ops):
                new = copy.deepcopy(node)
                new.ops[at] = COMPARED[type(op)]()
                yield new
        case ast.BoolOp():
            new_bool = copy.deepcopy(node)
            new_bool.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield new_bool
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp() if type(node.op) in REPLACED:
            new_bin = copy.deepcopy(node)
            new_bin.op = REPLACED[type(node.op)]()
            yield new_bin
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() as number):
            yield from (ast.Constant(number + 1), ast.Constant(number - 1))
        case ast.Constant(value=bytes()) if node.value:
            yield ast.Constant(b"")
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield None
        case ast.Return(value=ast.expr()) if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield ast.Return(ast.Constant(value=None))
        case _:
            pass


def places(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Yield (parent, field, index) of every node that may change: no annotation, no decorator, no docstring."""
    stack: list[ast.AST] = [tree]
    while stack:
        parent = stack.pop()
        for field, value in ast.iter_fields(parent):
            if field in {"annotation", "returns", "decorator_list", "pattern", "bases"}:
                continue
            children = value if isinstance(value, list) else [value]
            for at, child in enumerate(children):
                if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                    stack.append(child)
                    yield parent, field, at if isinstance(value, list) else None


def mutants_of(path: Path) -> list[Mutant]:
    tree = ast.parse(path.read_text("utf-8"))
    found = []
    for parent, field, at in list(places(tree)):
        held = getattr(parent, field)
        node = held if at is None else held[at]
        for new in changes(node):
            stands: ast.AST = ast.Pass() if new is None else new
            ast.copy_location(stands, node)
            if at is None:
                setattr(parent, field, stands)
            else:
                held[at] = stands
            source = ast.unparse(ast.fix_missing_locations(tree))
            if at is None:
                setattr(parent, field, node)
            else:
                held[at] = node
            found.append(Mutant(path, getattr(node, "lineno", 0), ast.unparse(node), ast.unparse(stands), source))
    return found


def modules() -> list[Path]:
    folders = [
        path for name in ("crypto", "protocol", "tlog", "law") for path in (SOURCE / "mindhaven" / name).glob("*.py")
    ]
    rules = (SOURCE / "mindhaven").glob("*/rules.py")
    return sorted(path for path in [*folders, *rules] if path.name not in SKIPPED)


def tests_for(path: Path) -> list[str]:
    """The fast tests of a module's package, and the vectors for the core."""
    package = path.relative_to(SOURCE / "mindhaven").parts[0]
    folders = {"crypto": ["crypto", "protocol"], "protocol": ["protocol", "crypto"]}.get(package, [package])
    found = [f"tests/unit/{name}" for name in folders]
    if package in {"crypto", "protocol"}:
        found.append("tests/vectors/test_protocol_vectors.py")
    if path.name == "chain.py":
        found.append("tests/properties/test_properties_chain.py")
    if path.name == "notes.py":
        found = ["tests/unit/tlog", "tests/unit/crypto/test_crypto_notes.py"]
    if package == "law":
        found.append("tests/vectors/test_law_vectors.py")
    if path.name in {"fields.py", "totp.py"} and package == "crypto":
        found.append("tests/unit/kernel/test_secrets.py")
    return [name for name in found if (ROOT / name).exists()]


class Worker:
    """A copy of the package in which one module at a time is another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(SOURCE / "mindhaven", folder / "mindhaven")
        self.environment = {**os.environ, "PYTHONPATH": str(folder)}
        self.moment = 1_000_000_000

    def run(self, tests: list[str], *more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider",
                   "-k", "not independent_maker", *tests, *more]  # fmt: skip
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
                              timeout=TIMEOUT_SECONDS)  # fmt: skip

    def place(self) -> str:
        code = "import mindhaven; print(mindhaven.__file__)"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True,
                              check=True)  # fmt: skip
        return done.stdout.strip()

    def survives(self, mutant: Mutant) -> bool:
        target = self.folder / mutant.path.relative_to(SOURCE)
        kept = target.read_text("utf-8")
        self.write(target, mutant.source)
        try:
            return self.run(tests_for(mutant.path)).returncode == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.write(target, kept)

    def write(self, target: Path, source: str) -> None:
        """Write at a time of its own: compiled code is told apart by the time and size of its source."""
        target.write_text(source, "utf-8")
        self.moment += 10
        os.utime(target, (self.moment, self.moment))


def evenly(by_module: dict[Path, list[Mutant]], seed: int) -> Iterator[Mutant]:
    """Yield mutants in turns over the modules, each module's in random order."""
    chance = random.Random(seed)
    queues = [chance.sample(found, len(found)) for found in by_module.values() if found]
    while queues:
        for queue in queues:
            yield queue.pop()
        queues = [queue for queue in queues if queue]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", help="modules whose path holds this")
    given = parser.parse_args()
    by_module = {path: mutants_of(path) for path in modules() if given.only in str(path)}
    total = sum(map(len, by_module.values()))
    print(f"{total} mutants of {len(by_module)} modules; seed {given.seed}, {given.minutes:g} minutes", flush=True)
    explained: dict[str, str] = tomllib.loads(EXPLAINED.read_text("utf-8"))["explained"] if EXPLAINED.exists() else {}
    tried: dict[Path, int] = dict.fromkeys(by_module, 0)
    survivors: list[Mutant] = []
    until = time.monotonic() + given.minutes * 60
    with tempfile.TemporaryDirectory() as temporary:
        free: Queue[Worker] = Queue()
        for number in range(given.workers):
            free.put(Worker(Path(temporary) / str(number)))
        first = free.get()
        if not first.place().startswith(str(first.folder)):
            print(f"the copy is not what is imported: {first.place()}")
            return 2
        for tests in {tuple(tests_for(path)) for path in by_module}:
            sound = first.run(list(tests))
            if sound.returncode != 0:
                print("the tests fail without any change:\n" + sound.stdout[-3000:])
                return 2
        free.put(first)

        def attempt(mutant: Mutant) -> None:
            if time.monotonic() > until:
                return
            worker = free.get()
            try:
                tried[mutant.path] += 1
                if worker.survives(mutant):
                    survivors.append(mutant)
                    mark = "explained" if mutant.key in explained else "SURVIVED"
                    where = f"{mutant.path.relative_to(ROOT)}:{mutant.line}"
                    print(f"{mark:9} {where}: {mutant.before} -> {mutant.after}", flush=True)
            finally:
                free.put(worker)

        with ThreadPoolExecutor(given.workers) as pool:
            list(pool.map(attempt, evenly(by_module, given.seed)))
    open_ones = [mutant for mutant in survivors if mutant.key not in explained]
    for path, count in tried.items():
        left = sum(mutant.path == path for mutant in survivors)
        print(f"{count - left:5} of {count:4} killed ({len(by_module[path]):4} possible)  {path.relative_to(SOURCE)}")
    count = sum(tried.values())
    known = len(survivors) - len(open_ones)
    print(f"{count} tried, {count - len(survivors)} killed, {known} explained, {len(open_ones)} open")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
