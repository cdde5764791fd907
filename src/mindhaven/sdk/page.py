"""What a page of the web app may hold: listed files, each script and style with its hash, and no script of its own.

Guarantees: whatever names an address is looked at, by attribute, so that an unknown element changes nothing.
Does not: read the page exactly as a browser does; that the bytes are the release's is another check. No I/O.
"""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Final

_ADDRESSES: Final = frozenset({
    "action", "background", "code", "data", "formaction", "href", "imagesrcset", "manifest", "ping", "poster", "src",
    "srcset", "xlink:href",
})  # fmt: skip
_NEVER: Final = frozenset({"http-equiv", "srcdoc", "style", "nonce"})
_WITH_HASH: Final = frozenset({"stylesheet", "modulepreload", "preload", "prefetch"})


def faults_of(page: str, hashes: Mapping[str, str]) -> list[str]:
    """Return in words what a page has and must not; `hashes` gives the integrity of each address that it may name."""
    reader = _Reader(hashes)
    reader.feed(page)
    reader.close()
    if not reader.scripts:
        reader.faults.append("no script of the app")
    return list(dict.fromkeys(reader.faults))


class _Reader(HTMLParser):
    def __init__(self, hashes: Mapping[str, str]) -> None:
        super().__init__()
        self._hashes = hashes
        self._inside = ""
        self.scripts = 0
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        given = {name: value or "" for name, value in attrs}
        self._inside = tag if tag in {"script", "style"} else ""
        if tag == "style":
            self.faults.append("a style of its own")
        for name, value in given.items():
            if name.startswith("on") or name in _NEVER:
                self.faults.append(f"{name} on {tag}")
            elif name in _ADDRESSES and value not in self._hashes:
                self.faults.append(f"a {tag} from {value[:100]}")
        linked = tag == "link" and bool(_WITH_HASH & set(given.get("rel", "").lower().split()))
        if tag == "script" or linked:
            place = given.get("src" if tag == "script" else "href")
            self.scripts += tag == "script"
            if place is None:
                self.faults.append(f"a {tag} without an address")
            elif given.get("integrity") != self._hashes.get(place):
                self.faults.append(f"a {tag} without its hash")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base's shape
        """Leave an element."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Look at text: inside a script it would be run."""
        if self._inside and data.strip():
            self.faults.append(f"a {self._inside} with text in it")
