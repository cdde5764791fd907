"""Events of rights. No I/O."""

from mindhaven.kernel import Event, event


@event("rights.erasure.done", version=1, keep="always", urgent=True)
class ErasureDone(Event):
    """A person erased their account; how many collections went with it."""

    collections: int
    shares_ended: int
