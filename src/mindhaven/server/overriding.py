"""`override` for Python 3.11, whose typing module lacks it; only the checker sees the real one. No I/O."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import override as override
else:
    F = TypeVar("F", bound=Callable[..., Any])

    def override(method: F) -> F:
        """Mark a method that overrides its base's."""
        return method
