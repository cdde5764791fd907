"""Streams elements out of XML that is not trusted, in flat memory.

Guarantees: the internal DTD is cut out before the parser sees it (some exports carry one that is not well
formed) and refused if it declares an entity; external DTDs, entities, other encodings than UTF-8, deep
nesting and endless tokens are refused. Nothing is ever loaded from outside.
Does not: validate. I/O: reads the stream that it is given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

from mindhaven.errors import InvalidInputError

CHUNK_BYTES: Final = 256 * 1024
"""Bytes fed at a time: large enough to be fast, small against any machine's memory."""

MAX_DTD_BYTES: Final = 256 * 1024
"""Largest internal DTD: Apple's own is about 10 KB."""

MAX_TOKEN_BYTES: Final = 4 * 1024 * 1024
"""Longest single tag or text that is waited for: the longest attribute met is a device text of some 200
bytes."""

MAX_DEPTH: Final = 32
"""Nesting of elements: Apple's export needs 5."""

_DOCTYPE: Final = re.compile(rb"<!DOCTYPE\s+[A-Za-z_][\w.-]*\s*(\[)?")
_PIECE: Final = re.compile(rb"<!--.*?-->|\"[^\"]*\"|'[^']*'|\]\s*>|<!ENTITY|%[\w.:-]+;", re.DOTALL)


@dataclass(slots=True)
class Element:
    """One wanted element: its line, name, attributes, and its `MetadataEntry` children as key to value."""

    line: int
    name: str
    attributes: dict[str, str]
    metadata: dict[str, str] = field(default_factory=dict)


def elements(stream: IO[bytes], wanted: frozenset[str]) -> Iterator[Element]:
    """Yield the elements called one of `wanted` as their end tags pass.

    Raises `InvalidInputError`: `import-xml-entity` for entities or anything external, `import-xml` for all
    else.
    """
    head = _without_dtd(stream)
    reader = _Reader(wanted)
    fed = 0
    chunk = head
    while chunk:
        reader.feed(chunk, last=False)
        fed += len(chunk)
        yield from reader.take()
        if fed - reader.read_so_far() > MAX_TOKEN_BYTES:
            raise _refused("a tag in it never ends")
        chunk = stream.read(CHUNK_BYTES)
    reader.feed(b"", last=True)
    yield from reader.take()


class _Reader:
    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._ready: list[Element] = []
        self._open: Element | None = None
        self._depth = 0
        self._parser = expat.ParserCreate("UTF-8")
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = _no_doctype
        self._parser.EntityDeclHandler = _no_entity
        self._parser.ExternalEntityRefHandler = _no_external

    def feed(self, data: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as error:
            raise _refused(f"it is not well formed at line {error.lineno}") from error

    def read_so_far(self) -> int:
        return max(self._parser.CurrentByteIndex, 0)

    def take(self) -> list[Element]:
        ready, self._ready = self._ready, []
        return ready

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _refused("its elements are nested too deeply")
        if name in self._wanted:
            self._open = Element(self._parser.CurrentLineNumber, name, attributes)
        elif name == "MetadataEntry" and self._open is not None and "key" in attributes:
            self._open.metadata[attributes["key"]] = attributes.get("value", "")

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._open is not None and name == self._open.name:
            self._ready.append(self._open)
            self._open = None


def _without_dtd(stream: IO[bytes]) -> bytes:
    """Return the beginning of the stream with its internal DTD replaced by as many line ends."""
    head = stream.read(CHUNK_BYTES)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (len(head) > 1 and 0 in head[:2]):
        raise _refused("it is not UTF-8")
    found = _DOCTYPE.search(head)
    root = re.search(rb"<[A-Za-z]", head)
    if found is None or (root is not None and root.start() < found.start()):
        return head
    if found[1] is None:
        raise _entity()  # a DTD elsewhere, or none inside: Apple writes neither
    place = found.end()
    while True:
        piece = _PIECE.search(head, place)
        if piece is None:
            more = stream.read(CHUNK_BYTES)
            head += more
            if not more or len(head) > found.end() + MAX_DTD_BYTES + CHUNK_BYTES:
                raise _refused("its DTD never ends")
            continue
        if piece[0] == b"<!ENTITY" or piece[0].startswith(b"%"):
            raise _entity()
        if piece[0].startswith(b"]"):
            break
        place = piece.end()
    if piece.end() - found.end() > MAX_DTD_BYTES:
        raise _refused("its DTD is too long")
    cut = head[found.start() : piece.end()]
    return head[: found.start()] + b"\n" * cut.count(b"\n") + head[piece.end() :]


def _no_doctype(_name: str, _system: str | None, _public: str | None, _internal: int) -> None:
    raise _entity()


def _no_entity(*_arguments: object) -> None:
    raise _entity()


def _no_external(*_arguments: object) -> int:
    raise _entity()


def _entity() -> InvalidInputError:
    return InvalidInputError(
        "This XML declares entities or refers to another file; a health export does neither.",
        code="import-xml-entity",
    )


def _refused(why: str) -> InvalidInputError:
    return InvalidInputError(f"This XML cannot be read: {why}.", code="import-xml")
