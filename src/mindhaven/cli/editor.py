"""Text from the person's own editor. I/O: a private folder in memory where there is one, and the editor.

Guarantees: the text stands in a folder that only its owner can enter, on /dev/shm (memory, not disk) where the system
has it, and is deleted afterwards, also after an error. Where there is no such folder the person is told.
"""

import os
import shlex
import shutil
import subprocess  # nosec B404 - starts the editor that the person chose, nothing else
import tempfile
from pathlib import Path
from typing import Final

from mindhaven.cli.screen import Screen
from mindhaven.errors import InvalidInputError

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - memory, and a private folder in it
EDITORS: Final = ("sensible-editor", "nano", "vi")


def edit(screen: Screen, text: str, *, name: str) -> str:
    """Return `text` as the person's editor left it."""
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not command:
        command = next((found for one in EDITORS if (found := shutil.which(one))), None)
    if not command:
        raise InvalidInputError("No editor was found.", hint="Set EDITOR, or give the text another way.", code="editor")
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    if in_memory:
        screen.say("While you write, the text is in memory only (/dev/shm). It is deleted when you close the editor.")
    else:
        screen.say("While you write, the text is in a temporary file on disk. It is deleted when you close the editor.")
    folder = Path(tempfile.mkdtemp(prefix="text-", dir=MEMORY if in_memory else None))
    try:
        file = folder / name
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        done = subprocess.run([*shlex.split(command), str(file)], check=False)  # noqa: S603  # nosec B603 - the person's own editor
        if done.returncode:
            raise InvalidInputError(
                "The editor ended with an error, so nothing was saved.", hint="Check EDITOR.", code="editor"
            )
        return file.read_text("utf-8")
    finally:
        _wipe(folder)


def _wipe(folder: Path) -> None:
    for file in folder.iterdir():  # editors leave back-ups and swap files beside the text
        if file.is_file() and not file.is_symlink():
            file.write_bytes(b"\0" * file.stat().st_size)
    shutil.rmtree(folder, ignore_errors=True)
