"""Gathering what a receipt of a choice, or of a consent to a share, rests on. I/O: the server and this device's store.

Guarantees: what is gathered was verified here first, by the same checks as everything else of the account.
"""

import hashlib
from typing import Final

from mindhaven.crypto.encoding import encode
from mindhaven.errors import IntegrityError, InvalidInputError, NotFoundError, UnavailableError
from mindhaven.protocol.consent import TYPE, Consent
from mindhaven.protocol.encoding import Signed
from mindhaven.protocol.ledger import AUDIT
from mindhaven.sdk.access import Access
from mindhaven.sdk.activity import ActivityReader
from mindhaven.sdk.choices import Choices
from mindhaven.sdk.consent_receipts.evidence import Evidence
from mindhaven.sdk.consent_receipts.shares import EVENT as CONSENT_EVENT
from mindhaven.sdk.consent_receipts.shares import policy_named
from mindhaven.sdk.given import Given
from mindhaven.sdk.ledger import Logs, Quorum
from mindhaven.sdk.people import People
from mindhaven.sdk.transport import Transport
from mindhaven.tlog.note import Note
from mindhaven.tlog.proof import TlogProof
from mindhaven.wire.register import PolicyShown
from mindhaven.wire.sharing import Consents

EVENT: Final = "consent.choice.made"


class ConsentReceipts:
    """Writes receipts of the choices of one account, and of its consents to shares."""

    def __init__(
        self, choices: Choices, people: People, transport: Transport, activity: ActivityReader, logs: Logs,
        access: Access,
    ) -> None:  # fmt: skip
        self._choices = choices
        self._people = people
        self._transport = transport
        self._activity = activity
        self._logs = logs
        self._access = access
        self._reading = Given(access, people)

    async def evidence(self, number: int) -> Evidence:
        """Return what the receipt of one's own choice of a number (0 is the first) rests on.

        Raises `NotFoundError` (consent-receipt-number, consent-receipt-policy, text-unknown), `UnavailableError`
        (receipt-early) while the log has not signed its entry, and what reading choices, activity and logs raises.
        """
        made = (await self._choices.chain()).made
        if not 0 <= number < len(made):
            raise NotFoundError(
                "You have no choice of this number.",
                hint="mindhaven choices history lists them.",
                code="consent-receipt-number",
            )
        one = made[number]
        return Evidence(
            statements=tuple(self._people.statements(self._access.need_me().uid)),
            generation=one.generation,
            signed=one.signed.encode(),
            words=(await self._choices.text(one.choice.text_hash)).text,
            policy=await self._policy(one.choice.policy),
            proof=await self._proof(EVENT, one.choice.hash),
        )

    async def share(self, digest: bytes) -> Evidence:
        """Return what the receipt of one's own consent to a share rests on, by the consent's hash.

        Raises `NotFoundError` (consent-receipt-number, consent-receipt-policy), `UnavailableError` (receipt-early)
        while the log has not signed its entry, `IntegrityError` (consent-text), `InvalidInputError`
        (consent-receipt-words) for a share from before its words were kept, and what reading activity and logs raises.
        """
        shown = await self._transport.call("GET", "/v1/consents", Consents)
        one = next((one for one in shown.consents if Signed.decode(one.signed).hash(TYPE) == digest), None)
        if one is None:
            raise NotFoundError(
                "The server has no consent of this hash.",
                hint="mindhaven shares --all lists them.",
                code="consent-receipt-number",
            )
        signed = Signed.decode(one.signed)
        consent = Consent.decode(signed.body)
        await self._reading.share(one)  # its signature, and that the sealed part is the one that was signed
        part = self._reading.part(consent, one.sealed)
        if part is None or part.text is None:
            raise InvalidInputError(
                "The words of this share were not kept with it, so no receipt can be written.",
                hint="Share it again: then they are.",
                code="consent-receipt-words",
            )
        named = policy_named(consent)
        return Evidence(
            of="share",
            statements=tuple(self._people.statements(self._access.need_me().uid)),
            generation=one.generation,
            signed=one.signed,
            words=part.text,
            policy=b"" if named is None else await self._policy(named),
            proof=await self._proof(CONSENT_EVENT, digest),
        )

    async def _policy(self, digest: bytes) -> bytes:
        """Return the packed policy of a hash: the newest one, or one before it."""
        path = "/v1/policy"
        while True:
            shown: PolicyShown = await self._transport.call("GET", path, PolicyShown, open_=True)
            if hashlib.sha256(shown.texts).digest() != shown.digest:
                raise IntegrityError(
                    "What this server shows as its policy is not what it published.",
                    hint="Ask the people who run it, and keep what you see.",
                    code="policy-differs",
                )
            if shown.digest == digest:
                return shown.texts
            if shown.version <= 1 or path == f"/v1/policies/{shown.version - 1}":
                raise NotFoundError(
                    "The server does not have the policy that was shown then, so no whole receipt can be written.",
                    hint="What you signed stands all the same: mindhaven choices history, mindhaven shares",
                    code="consent-receipt-policy",
                )
            path = f"/v1/policies/{shown.version - 1}"

    async def _proof(self, event: str, digest: bytes) -> bytes:
        """Return the tlog-proof of the event that this choice or consent was made."""
        acts = (await self._activity.read()).acts
        act = next((one for one in acts if one.name == event and one.values[:1] == (digest,)), None)
        if act is None:
            raise IntegrityError(
                "The record of who touched your data does not have this.",
                hint="Ask the people who run the server, and keep this device as it is.",
                code="consent-receipt-event",
            )
        page = await self._activity.page(act.seq)
        entry = next((one for one in page.entries if one.seq == act.seq), None)
        state = await self._logs.accept(AUDIT, page.checkpoint) if page.checkpoint else None
        vouched = state is not None and state.quorum is not Quorum.MISSING
        if entry is None or entry.position is None or not vouched or not self._activity.proven(entry, state):
            raise UnavailableError(
                "The log has not signed this entry yet, so there is nothing to show.",
                hint="It does so by the hour: try again later.",
                code="receipt-early",
            )
        opening = encode([entry.salt, entry.body])
        return TlogProof(entry.position, tuple(entry.proof or ()), Note.parse(page.checkpoint), opening).encode()
