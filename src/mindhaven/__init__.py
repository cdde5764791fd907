"""Mindhaven: the private home for mental-health records, whose operator cannot read them.

Guarantees: importing this package starts nothing and reaches no network.
The layers, from the bottom: errors, crypto, protocol, kinds, wire, kernel, the slices, server; sdk, cli beside them.
"""

__version__ = "0.1.0"
