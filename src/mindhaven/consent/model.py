"""Events of consent. No I/O."""

from mindhaven.kernel import Event, event


@event("consent.record.given", version=1, keep="consent", urgent=True)
class ConsentGiven(Event):
    """A consent was given; recorded for both people."""

    consent: bytes
    collection: bytes
    grantor: bytes
    recipient: bytes


@event("consent.record.ended", version=1, keep="consent", urgent=True)
class ConsentEnded(Event):
    """A consent ended: withdrawn by its grantor, or its collection erased."""

    consent: bytes
    collection: bytes
    why: str
