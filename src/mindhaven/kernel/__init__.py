"""The kernel of the server: work, events, stream, scopes, operations, holdings, host.

Guarantees: what each module promises in its first lines. Does not: know any slice. Import from here.
"""

from mindhaven.kernel.blobs import Blobs, FileBlobs
from mindhaven.kernel.calling import HttpCalls
from mindhaven.kernel.database import Database, Schema, open_database
from mindhaven.kernel.event import EVENTS, Event, event, reopen
from mindhaven.kernel.holding import STRUCTURAL, Holding, check_declared
from mindhaven.kernel.host import Host
from mindhaven.kernel.jobs import Job, Jobs, run_once
from mindhaven.kernel.journal import Erased, Journal
from mindhaven.kernel.lease import Lease, LeaseLostError
from mindhaven.kernel.limits import Limit, Limits
from mindhaven.kernel.migrate import Migration, kernel_migrations, load, migrate
from mindhaven.kernel.operation import CBOR, EVENT_STREAM, JSON, Answer, Body, BodyStream, Operation, Request, Session
from mindhaven.kernel.outbound import AllowList, Call, Outbound, Reply, fits
from mindhaven.kernel.outbox import Sender, send_later
from mindhaven.kernel.outcome import ALLOWED, Allowed, Denied
from mindhaven.kernel.reader import Numbered, Reader, ReaderSkipped, ReaderState
from mindhaven.kernel.receipts import receipts
from mindhaven.kernel.scope import HostScope, MemberScope, PersonScope
from mindhaven.kernel.secrets import MasterKey, Secrets, has_data_keys, keep_once, load_master_key
from mindhaven.kernel.settings import Setting, Settings
from mindhaven.kernel.slice import Slice
from mindhaven.kernel.sources import Clock, Random, system_clock, system_random
from mindhaven.kernel.stream import Pace, Stream
from mindhaven.kernel.watch import Watch
from mindhaven.kernel.work import (
    Actor,
    ConstraintViolatedError,
    ForeignAwaitError,
    Look,
    Recorded,
    Row,
    Work,
    WorkError,
)

__all__ = [
    "ALLOWED",
    "CBOR",
    "EVENTS",
    "EVENT_STREAM",
    "JSON",
    "STRUCTURAL",
    "Actor",
    "AllowList",
    "Allowed",
    "Answer",
    "Blobs",
    "Body",
    "BodyStream",
    "Call",
    "Clock",
    "ConstraintViolatedError",
    "Database",
    "Denied",
    "Erased",
    "Event",
    "FileBlobs",
    "ForeignAwaitError",
    "Holding",
    "Host",
    "HostScope",
    "HttpCalls",
    "Job",
    "Jobs",
    "Journal",
    "Lease",
    "LeaseLostError",
    "Limit",
    "Limits",
    "Look",
    "MasterKey",
    "MemberScope",
    "Migration",
    "Numbered",
    "Operation",
    "Outbound",
    "Pace",
    "PersonScope",
    "Random",
    "Reader",
    "ReaderSkipped",
    "ReaderState",
    "Recorded",
    "Reply",
    "Request",
    "Row",
    "Schema",
    "Secrets",
    "Sender",
    "Session",
    "Setting",
    "Settings",
    "Slice",
    "Stream",
    "Watch",
    "Work",
    "WorkError",
    "check_declared",
    "event",
    "fits",
    "has_data_keys",
    "keep_once",
    "kernel_migrations",
    "load",
    "load_master_key",
    "migrate",
    "open_database",
    "receipts",
    "reopen",
    "run_once",
    "send_later",
    "system_clock",
    "system_random",
]
