"""The queries of consent. I/O: the database, through the work or look it is given."""

from mindhaven.consent.model import PAGE_CHOICES
from mindhaven.consent.rules import Newest
from mindhaven.kernel import HostScope, Look, PersonScope, Row, Work
from mindhaven.protocol.choice import Act, Choice
from mindhaven.protocol.consent import Consent


class Consents:
    """The consents that one person gave or received."""

    def __init__(self, look: Look, scope: PersonScope) -> None:
        self._look = look
        self._uid = scope.uid

    async def all(self) -> list[Row]:
        """Return (hash, signed, sealed, given hour, generation, ended hour), newest first."""
        return await self._look.rows(
            "SELECT hash, signed, sealed, given_hour, generation, ended_hour FROM consent_record"
            " WHERE grantor = $1 OR recipient = $1 ORDER BY given_hour DESC, hash",
            self._uid,
        )

    async def standing(self, collection: bytes, *, recipient: bytes, today: int) -> list[str]:
        """Return for what purposes this person shares a collection with somebody on a day (days since 1970 UTC)."""
        rows = await self._look.rows(
            "SELECT purpose FROM consent_record WHERE grantor = $1 AND collection = $2 AND recipient = $3"
            " AND ended_hour IS NULL AND (until = 0 OR until >= $4)",
            self._uid,
            collection,
            recipient,
            today,
        )
        return [row[0] for row in rows]


class ConsentsChange(Consents):
    """The same, to write as the grantor."""

    def __init__(self, work: Work, scope: PersonScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def add(self, consent: Consent, *, digest: bytes, generation: int, signed: bytes, sealed: bytes) -> None:
        """Insert a consent that was verified."""
        await self._work.run(
            "INSERT INTO consent_record (hash, grantor, recipient, collection, purpose, since, until, language,"
            " register_version, generation, signed, sealed, given_hour, ended_hour)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL)",
            digest,
            self._uid,
            consent.recipient,
            consent.collection,
            consent.purpose,
            consent.since,
            consent.until,
            consent.language,
            consent.register_version,
            generation,
            signed,
            sealed,
            self._work.now // 3600 * 3600,
        )

    async def end(self, collection: bytes, *, recipients: list[bytes] | None) -> list[Row]:
        """End what this person gave for a collection, to `recipients` or to everybody; return (hash, recipient)."""
        rows = await self._work.rows(
            "SELECT hash, recipient FROM consent_record WHERE grantor = $1 AND collection = $2 AND ended_hour IS NULL",
            self._uid,
            collection,
        )
        ended = [row for row in rows if recipients is None or row[1] in recipients]
        for digest, _ in ended:
            await self._work.run(
                "UPDATE consent_record SET ended_hour = $2 WHERE hash = $1", digest, self._work.now // 3600 * 3600
            )
        return ended


class Choices:
    """The choices of one person."""

    def __init__(self, look: Look, scope: PersonScope) -> None:
        self._look = look
        self._uid = scope.uid

    async def newest(self, purpose: str) -> Newest | None:
        """Return the newest choice for a purpose, None if nothing was ever answered."""
        row = await self._look.row(
            "SELECT act, until, terms, EXISTS (SELECT 1 FROM consent_choice AS b WHERE b.person = a.person"
            " AND b.purpose = a.purpose AND b.number < a.number AND b.act = $3)"
            " FROM consent_choice AS a WHERE person = $1 AND purpose = $2 ORDER BY number DESC LIMIT 1",
            self._uid,
            purpose,
            int(Act.GIVEN),
        )
        return None if row is None else Newest(act=Act(row[0]), until=row[1], terms=row[2], again=bool(row[3]))

    async def newest_signed(self, purpose: str) -> bytes | None:
        """Return the newest choice for a purpose as it was signed, None if there is none."""
        row = await self._look.row(
            "SELECT signed FROM consent_choice WHERE person = $1 AND purpose = $2 ORDER BY number DESC LIMIT 1",
            self._uid,
            purpose,
        )
        return None if row is None else row[0]

    async def last(self) -> Row | None:
        """Return (number, hash, signed) of the newest choice of all."""
        return await self._look.row(
            "SELECT number, hash, signed FROM consent_choice WHERE person = $1 ORDER BY number DESC LIMIT 1", self._uid
        )

    async def page(self, since: int) -> list[Row]:
        """Return (generation, signed) of a page of choices from number `since` on, in order."""
        return await self._look.rows(
            "SELECT generation, signed FROM consent_choice WHERE person = $1 AND number >= $2 ORDER BY number LIMIT $3",
            self._uid,
            since,
            PAGE_CHOICES,
        )


class ChoicesChange(Choices):
    """The same, to write."""

    def __init__(self, work: Work, scope: PersonScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def add(self, choice: Choice, *, generation: int, signed: bytes) -> None:
        """Insert a choice that was verified and follows."""
        await self._work.run(
            "INSERT INTO consent_choice (person, number, hash, purpose, act, terms, until, generation, signed)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self._uid,
            choice.number,
            choice.hash,
            choice.purpose,
            int(choice.act),
            choice.terms,
            choice.until,
            generation,
            signed,
        )


class Texts:
    """The words that people were asked by. Built from a host scope."""

    def __init__(self, look: Look, scope: HostScope) -> None:
        self._look = look
        self._reason = scope.reason

    async def one(self, digest: bytes) -> Row | None:
        """Return (purpose, terms, language, text) of a text by its hash."""
        return await self._look.row("SELECT purpose, terms, language, text FROM consent_text WHERE hash = $1", digest)


class TextsChange(Texts):
    """The same, to write."""

    def __init__(self, work: Work, scope: HostScope) -> None:
        super().__init__(work, scope)
        self._work = work

    async def keep(self, digest: bytes, *, purpose: str, terms: int, language: str, text: str) -> None:
        """Keep a text; one that is there already stays."""
        await self._work.run(
            "INSERT INTO consent_text (hash, purpose, terms, language, text) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (hash) DO NOTHING",
            digest,
            purpose,
            terms,
            language,
            text,
        )
