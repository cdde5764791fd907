"""Text from the person's own editor. I/O: a private folder in memory where there is one, the editor, the local store.

Guarantees: the text stands in a folder that only its owner can enter, on /dev/shm (memory, not disk) where the system
has it; whatever ends the editor, the text is sealed as a draft first and then deleted there. What a killed process
left is found by the next command of this home (`take_leftovers`): a lock tells it from what is still being written.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import stat
import subprocess  # nosec B404 - starts the editor that the person chose, nothing else
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from mindhaven.cli import drafts
from mindhaven.cli.screen import Screen
from mindhaven.cli.stopping import EndedError, ended_softly
from mindhaven.errors import InvalidInputError
from mindhaven.sdk.local import LocalStore

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - memory, and a private folder in it
EDITORS: Final = ("sensible-editor", "nano", "vi")
PREFIX: Final = "text-"
"""A plain name: others on this machine see the folder's name."""
LOCK: Final = ".held"
RESCUED: Final = ".save"
"""What nano adds to the name when it is hung up."""
SECONDS_TO_END: Final = 3.0


@dataclass(frozen=True, slots=True)
class Place:
    """What is edited, for which draft of which home, and a hash of what the editor began with."""

    home: str
    draft: str
    name: str
    begun: str

    @classmethod
    def of(cls, home: Path, draft: str, name: str, text: str) -> "Place":
        """Return the place of a text that begins as `text`."""
        return cls(str(home.absolute()), draft, name, hashlib.sha256(text.encode()).hexdigest())

    def changed(self, text: str) -> bool:
        """Whether `text` is worth keeping: not empty, and not what the editor began with."""
        return bool(text.strip()) and hashlib.sha256(text.encode()).hexdigest() != self.begun


def edit(
    screen: Screen, store: LocalStore, home: Path, text: str, *, name: str, draft: str, over: str | None = None
) -> str:
    """Return `text` as the person's editor left it; it is also a draft until the caller drops it.

    `over` is the draft that this goes on from. Raises `InvalidInputError` (editor).
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not command:
        command = next((found for one in EDITORS if (found := shutil.which(one))), None)
    if not command:
        raise InvalidInputError("No editor was found.", hint="Set EDITOR, or give the text another way.", code="editor")
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    where = "in memory only (/dev/shm)" if in_memory else "in a temporary file on disk"
    screen.say(f"While you write, the text is {where}. It is deleted when you close the editor.")
    place = Place.of(home, draft, name, text)
    with ended_softly():
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY if in_memory else None))
        lock = _lock(folder, place)
        try:
            with _new(folder / name) as out:
                out.write(text.encode())
            code = _run([*shlex.split(command), str(folder / name)], lock)
        finally:
            written = _take(folder, place, store, over)
            os.close(lock)
    if code:
        hint = f"To go on with it: {drafts.command_for(draft)}" if place.changed(written) else "Check EDITOR."
        said = " What you wrote is kept, sealed on this device." if place.changed(written) else ""
        raise InvalidInputError(f"The editor ended with an error.{said}", hint=hint, code="editor")
    return written


def _new(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _lock(folder: Path, place: Place) -> int:
    """Return an open file whose lock lasts as long as this process or its editor."""
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.write(handle, json.dumps([place.home, place.draft, place.name, place.begun]).encode())
    return handle


def _run(command: list[str], lock: int) -> int:
    with subprocess.Popen(command, pass_fds=(lock,)) as editor:  # noqa: S603  # nosec B603 - the person's own editor
        try:
            return editor.wait()
        except EndedError as ended:
            editor.send_signal(ended.number)  # it may still save what was typed
            _end(editor)
            raise
        except BaseException:
            _end(editor)
            raise


def _end(editor: "subprocess.Popen[bytes]") -> None:
    try:
        editor.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        editor.kill()


def _take(folder: Path, place: Place, store: LocalStore, over: str | None = None) -> str:
    """Seal what stands in a folder as a draft, delete it there, and return it."""
    text = _newest_text(folder, place.name)
    if place.changed(text):
        drafts.keep(store, place.draft, text, instead_of=over)
    _wipe(folder)
    return text


def _newest_text(folder: Path, name: str) -> str:
    found = [path for path in (folder / name, folder / (name + RESCUED)) if path.is_file() and not path.is_symlink()]
    for path in sorted(found, key=lambda one: one.stat().st_mtime_ns, reverse=True):
        if text := path.read_bytes().decode("utf-8", "replace"):
            return text
    return ""


def _wipe(folder: Path) -> None:
    for file in folder.iterdir():  # editors leave back-ups and swap files beside the text
        if file.is_file() and not file.is_symlink():
            file.write_bytes(b"\0" * file.stat().st_size)
    shutil.rmtree(folder, ignore_errors=True)


# -- what a killed process left


def leftovers(home: Path) -> list[tuple[Path, Place]]:
    """Return the folders of this user and home that nobody is writing in any more."""
    found = []
    for root in {MEMORY, Path(tempfile.gettempdir())}:
        for folder in sorted(root.glob(f"{PREFIX}*")) if root.is_dir() else ():
            place = _left(folder)
            if place is not None and place.home == str(home.absolute()):
                found.append((folder, place))
    return found


def _left(folder: Path) -> Place | None:
    try:
        seen = folder.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid() or seen.st_mode & 0o077:
            return None
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while its process or its editor lives
        home, draft, name, begun = json.loads(os.read(handle, 65536))
        return Place(str(home), str(draft), Path(str(name)).name, str(begun))
    except (OSError, ValueError, TypeError):
        return None
    finally:
        os.close(handle)


def take_leftovers(screen: Screen, store: LocalStore, home: Path) -> None:
    """Seal what a killed process left readable as drafts, delete it there, and say so."""
    for folder, place in leftovers(home):
        with contextlib.suppress(OSError):
            text = _take(folder, place, store)
            if place.changed(text):
                screen.warn(
                    "A text that you were writing when Mindhaven was stopped was still readable in memory. It is"
                    " sealed on this device now, and the readable copy is deleted. To go on with it:"
                    f" {drafts.command_for(place.draft)}"
                )
