"""What the tables of reminders hold. No I/O."""

from typing import Final

from mindhaven.kernel import STRUCTURAL, Holding

_DEVICE: Final = (
    "session",
    "uid",
    "endpoint",
    "mark",
    "service",
    "minutes",
    "pushes_left",
    "next_at",
    "last_at",
    "since_hour",
)

HOLDINGS: Final = (
    Holding(
        table="reminders_device",
        person="uid",
        columns=dict.fromkeys(_DEVICE, "reminders"),
        why="Devices that want a reminder: where and at which minutes of the day. The address lies sealed under the"
        " server's own key; of what a reminder is for there is nothing.",
        keep="session",
    ),
    Holding(
        table="reminders_key",
        person=None,
        columns=dict.fromkeys(("id", "sealed", "made_at"), STRUCTURAL),
        why="The key by which push services know this server, sealed under the server's own key.",
        keep="always",
    ),
)
