import pytest
from tests.simulators import exported as made


@pytest.fixture
def one():
    """Make one exported record of a kind."""
    return lambda kind, body, **more: made.exported(made.record(kind, body, **more), 1)


@pytest.fixture
def everything():
    return made.everything()


@pytest.fixture
def leaves():
    """Every text and number of a body."""
    return _leaves


def _leaves(value):
    if isinstance(value, dict):
        for entry in value.values():
            yield from _leaves(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _leaves(entry)
    elif value is not None and not isinstance(value, bool):
        yield value
