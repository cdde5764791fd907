"""What crosses HTTP: ids, request and answer types, error codes.

Guarantees: client and server read the same types. Does not: check signatures or know a database. No I/O.
"""
