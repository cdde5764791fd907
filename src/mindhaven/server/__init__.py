"""The server: the list of slices, settings, wiring, and the map from errors to HTTP.

Guarantees: what each module promises in its first lines. Does not: hold any rule of a slice.
"""
