"""Live: tells a device that listens that something of its own moved on, so that it need not ask again and again.

Promises: a hint names a collection and a number, or says "your account", and nothing else; who is no member any more
hears of a collection no more; a stream ends with its token, its device and its account; a hint that is lost only
delays, since a device asks by itself too.
Does not: carry any content, or need to be believed: a device pulls and verifies as ever.
The server can see: that a device listens, as long as it does; that is kept in memory and written down nowhere.
"""

from typing import Final

from mindhaven.kernel import Slice
from mindhaven.live.api import OPERATIONS
from mindhaven.live.service import end_streams

SLICE: Final = Slice(name="live", operations=OPERATIONS, closes=end_streams)

__all__ = ["SLICE", "end_streams"]
