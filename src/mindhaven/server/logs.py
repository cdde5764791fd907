"""Logs: one JSON object per line, with fields of an allow-list only.

Guarantees: a line holds our own fixed sentences and allow-listed extras; of foreign libraries the first line of an
unfilled message; of exceptions the type and the places, never the text. No access log. I/O: standard error.
"""

import json
import logging
import sys
import time
import traceback
from typing import Final

from mindhaven.server.overriding import override

FIELDS: Final = ("operation", "code", "status", "took_ms", "error", "where", "count", "name_of")
"""Extras that a line may bear."""


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        ours = record.name.startswith("mindhaven")
        message = record.getMessage() if ours else str(record.msg).split("\n", 1)[0][:200]
        line: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        for field in FIELDS:
            value = record.__dict__.get(field)
            if value is not None:
                line[field] = value
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-6:]
            line["where"] = " < ".join(
                f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames)
            )
        return json.dumps(line, ensure_ascii=False)


def configure(level: str) -> None:
    """Send every logger's lines to standard error in this format; silence uvicorn's access log."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
        logger.setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
