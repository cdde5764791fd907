"""The queries of consent. I/O: the database, through the work or look it is given."""

from mindhaven.kernel import Look, PersonScope, Row, Work
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
