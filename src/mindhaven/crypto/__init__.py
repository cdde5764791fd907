"""Primitives and canonical encoding: seal, open, wrap, unwrap, sign, verify, derive.

Guarantees: the only package that may import a primitive library.
Does not: any I/O, and keeps no state.
"""
