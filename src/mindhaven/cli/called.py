"""How this program is called on this machine, for lines to be copied. I/O: looks for it on the PATH."""

import shutil
import sys
from pathlib import Path
from typing import Final

NAME: Final = "mindhaven"


def called() -> str:
    """Return what to type for this very program: `mindhaven` if the PATH finds it, else the way to it from here."""
    mine = Path(sys.executable).parent / NAME
    found = shutil.which(NAME)
    if not mine.exists() or (found is not None and Path(found).samefile(mine)):
        return NAME
    here = Path.cwd()
    return str(mine.relative_to(here) if mine.is_relative_to(here) else mine)
