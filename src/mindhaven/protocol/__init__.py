"""The protocol: pure, one module per page of spec/, run by server and SDK alike.

Guarantees: no I/O, no clock (`now` and `day` are arguments); every refusal is a named error of `mindhaven.errors`.
"""
