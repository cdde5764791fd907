"""The operations of sharing: parse, verify, act, render."""

from typing import Any, Final

from mindhaven import vault
from mindhaven.accounts import Directory, SignedIn
from mindhaven.crypto.encoding import decode, encode
from mindhaven.crypto.sign import verify
from mindhaven.errors import IntegrityError, InvalidInputError
from mindhaven.kernel import CBOR, Answer, Body, Denied, Host, Operation, PersonScope, Recorded, Request, Work
from mindhaven.protocol import shape
from mindhaven.protocol.collection import Member, Members, Role
from mindhaven.protocol.consent import MAX_SEALED_BYTES, TYPE, Consent, check_agrees, sealed_hash
from mindhaven.protocol.encoding import Signed
from mindhaven.sharing import service
from mindhaven.sharing.store import OwnInvitations
from mindhaven.wire import sharing as wire
from mindhaven.wire.consent import CONSENT_REFUSES
from mindhaven.wire.vault import OFFER_REFUSES, PUSH_REFUSES

_UNKNOWN: Final = Denied("account-unknown", "The person who is to gain access is not known here.")


def _granted(members: Members, recipient: bytes) -> Member:
    found = [member for member in members.members if member.uid == recipient and member.role is not Role.OWNER]
    if len(found) != 1:
        raise IntegrityError("The consent names somebody whom the commit does not list.", code="consent-differs")
    return found[0]


async def grant(host: Host, request: Request) -> Answer | Denied:
    """Take `[push, signed consent, sealed part]`: consent, wraps and commit in one request or not at all."""
    me: SignedIn = request.session
    push, raw, sealed = shape.fields(decode(request.body), 3, "A grant")
    pushed = await vault.take_push(host, request, push, promises=True)
    if not isinstance(pushed, vault.Pushed):
        return pushed
    given = await _verify_consent(
        host, me.uid, pushed, Signed.of(raw), shape.raw(sealed, "A part", most=MAX_SEALED_BYTES)
    )
    if isinstance(given, Denied):
        return given
    keys = vault.salt_keys(host)

    async def act(work: Work) -> tuple[vault.Landed | vault.Overtaken | Denied, list[Recorded]]:
        return await service.grant(work, pushed=pushed, given=given, salt_keys=keys), work.recorded

    landed, recorded = await host.db.act(me.actor, act, upkeep="a repeated, refused or overtaken grant")
    return await vault.answer(host, me, pushed.commit, landed, recorded=recorded)


async def _verify_consent(
    host: Host, grantor: bytes, pushed: vault.Pushed, signed: Signed, sealed: bytes
) -> service.VerifiedConsent | Denied:
    commit = pushed.commit
    changes = [change for change in commit.changes if isinstance(change, Members)]
    digest = signed.hash(TYPE)
    if len(changes) != 1 or changes[0].consent != digest:
        raise InvalidInputError("A grant's commit names the consent it comes with.", code="consent-differs")
    consent = Consent.decode(signed.body)
    signing = await host.db.look(lambda look: Directory(look).signing(grantor, commit.key_id))
    recipient = await host.db.look(lambda look: Directory(look).chain(consent.recipient))
    if signing is None or not recipient:
        return _UNKNOWN
    verify(TYPE, signing.keys.signing, signed.body, list(signed.signatures), hybrid=True)
    if sealed_hash(sealed) != consent.sealed_hash:
        raise IntegrityError("The sealed part is not the one that the consent names.", code="consent-sealed")
    member = _granted(changes[0], consent.recipient)
    check_agrees(consent, member, commit.collection, grantor)
    return service.VerifiedConsent(
        consent=consent,
        hash=digest,
        generation=commit.key_id,
        signed=signed.encode(),
        sealed=sealed,
        member=member,
    )


async def revoke(host: Host, request: Request) -> Answer | Denied:
    """Take a push whose `members` change takes access away; its consents end with it."""
    me: SignedIn = request.session
    pushed = await vault.take_push(host, request, decode(request.body), promises=True)
    if not isinstance(pushed, vault.Pushed):
        return pushed
    collection = pushed.commit.collection
    keys = vault.salt_keys(host)
    before, owner = await host.db.look(lambda look: vault.members(look, collection=collection, uid=me.uid))
    removed = service.removed_by(before, pushed)

    async def act(work: Work) -> tuple[vault.Landed | vault.Overtaken | Denied, list[Recorded]]:
        gone = service.revoke(work, pushed=pushed, grantor=owner, removed=removed, salt_keys=keys)
        return await gone, work.recorded

    landed, recorded = await host.db.act(me.actor, act, upkeep="a repeated, refused or overtaken revocation")
    return await vault.answer(host, me, pushed.commit, landed, recorded=recorded)


async def offer(host: Host, request: Request) -> Answer | Denied:
    """Take commits that a restore lost, with the consents that came with them."""
    me: SignedIn = request.session
    offered = await vault.take_offer(host, request)
    if isinstance(offered, Denied):
        return offered
    given: dict[bytes, service.VerifiedConsent] = {}
    for one in offered:
        if one.consent is None:
            continue
        raw, sealed = shape.fields(one.consent, 2, "A consent")
        part = shape.raw(sealed, "A part", most=MAX_SEALED_BYTES)
        verified = await _verify_consent(host, one.pushed.commit.author, one.pushed, Signed.of(raw), part)
        if isinstance(verified, Denied):
            return verified
        given[one.pushed.hash] = verified
    keys, pepper = vault.salt_keys(host), vault.Pepper(host.random(32))
    landed = await host.db.act(
        me.actor,
        lambda work: service.take_offer(
            work, offered=[one.pushed for one in offered], given=given, by=me.uid, salt_keys=keys, pepper=pepper
        ),
        upkeep="what was offered is here already, or was refused",
    )
    if isinstance(landed, Denied):
        return landed
    await vault.drop_blobs(host, request.params["collection"], list(landed.orphans))
    for one in offered:
        await vault.note_erased(host, one.pushed.commit)
    return Answer(body=encode([landed.seq, landed.head]))


async def invite(host: Host, request: Request) -> None | Denied:
    """Keep a new invitation's id."""
    me: SignedIn = request.session
    asked: wire.Invite = request.body
    return await host.db.act(
        me.actor, lambda work: service.invite(work, uid=me.uid, invitation=asked.id), upkeep="a refused invitation"
    )


async def answer(host: Host, request: Request) -> None | Denied:
    """Keep the answer to an invitation."""
    me: SignedIn = request.session
    asked: wire.InvitationAnswer = request.body
    invitation = request.params["invitation"]
    return await host.db.act(
        me.actor,
        lambda work: service.answer(work, invitation=invitation, sealed=asked.answer),
        upkeep="a refused answer",
    )


async def invitations(host: Host, request: Request) -> wire.Invitations:
    """List one's own invitations and their answers."""
    me: SignedIn = request.session
    rows = await host.db.look(lambda look: OwnInvitations(look, PersonScope(uid=me.uid)).all())
    return wire.Invitations(
        invitations=[
            wire.InvitationShown(id=invitation, expires_at=expires_at, answer=given)
            for invitation, expires_at, given in rows
        ]
    )


async def take_back(host: Host, request: Request) -> None | Denied:
    """Delete one's own invitation."""
    me: SignedIn = request.session
    return await host.db.act(
        me.actor,
        lambda work: service.take_back(work, uid=me.uid, invitation=request.params["invitation"]),
        upkeep="an invitation that was taken back",
    )


def _op(name: str, method: str, path: str, run: Any, summary: str, **more: Any) -> Operation:
    return Operation(name=name, method=method, path=path, run=run, who="session", summary=summary, **more)


OPERATIONS: Final = (
    _op("grant", "POST", "/v1/collections/{collection}/grants", grant, "Share a collection", takes=Body, gives=bytes,
        max_body_bytes=vault.MAX_PUSH_BYTES, refuses=PUSH_REFUSES | CONSENT_REFUSES, answers={409: CBOR}),
    _op("revoke", "POST", "/v1/collections/{collection}/revocations", revoke, "Stop sharing", takes=Body, gives=bytes,
        max_body_bytes=vault.MAX_PUSH_BYTES, refuses=PUSH_REFUSES, answers={409: CBOR}),
    _op("offer", "POST", "/v1/collections/{collection}/offers", offer, "Bring back commits that a restore lost",
        takes=Body, gives=bytes, max_body_bytes=vault.MAX_PUSH_BYTES, refuses=OFFER_REFUSES | CONSENT_REFUSES),
    _op("invitations", "GET", "/v1/invitations", invitations, "List one's own invitations", gives=wire.Invitations),
    _op("invite", "POST", "/v1/invitations", invite, "Make an invitation", takes=wire.Invite,
        refuses={"too-many-invitations": 409, "invitation-taken": 409}),
    _op("invitation_answer", "POST", "/v1/invitations/{invitation}/answer", answer, "Answer an invitation",
        takes=wire.InvitationAnswer, refuses={"invitation-over": 404}),
    _op("invitation_take_back", "DELETE", "/v1/invitations/{invitation}", take_back, "Take an invitation back",
        refuses={"invitation-over": 404}),
)  # fmt: skip
