"""A command in a process of its own, on a pseudo-terminal."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

WAIT_SECONDS = 15


def _as_in_a_window() -> None:
    """Make Ctrl-C and a hang-up real ones, also where whoever runs the tests ignores them."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A command on a pseudo-terminal: wait for a text, type a line."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.master, slave = pty.openpty()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MINDHAVEN_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mindhaven", *arguments], stdin=slave, stdout=slave, stderr=slave,
            env=kept | {"TERM": "xterm", "COLUMNS": "90"} | environment, start_new_session=True,
            preexec_fn=_as_in_a_window,
        )  # fmt: skip
        os.close(slave)
        self.seen = ""
        self.place = 0

    @property
    def words(self) -> str:
        """What was seen, however it was wrapped."""
        return " ".join(self.seen.split())

    def until(self, text: str) -> str:
        """Read on until `text` stands there; return what came before it since the last time."""
        end = time.monotonic() + WAIT_SECONDS
        while (found := self.seen.find(text, self.place)) < 0:
            assert time.monotonic() < end, self.seen
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.master, 65536).decode()
                except OSError:
                    raise AssertionError(self.seen) from None
        before = self.seen[self.place : found]
        self.place = found + len(text)
        return before

    def type(self, text: str) -> None:
        os.write(self.master, (text + "\n").encode())

    def ends(self) -> int:
        """Read to the end; return the exit code."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            assert time.monotonic() < end, self.seen
            if not select.select([self.master], [], [], 0.2)[0]:
                if self.process.poll() is not None:
                    break
                continue
            try:
                part = os.read(self.master, 65536)
            except OSError:
                break
            if not part:
                break
            self.seen += part.decode()
        return self.process.wait(timeout=WAIT_SECONDS)

    def press(self, key: str) -> None:
        """Press Ctrl and a letter."""
        os.write(self.master, bytes([ord(key.upper()) - 64]))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command alone, not to what it started."""
        self.process.send_signal(number)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
