"""All functions that every expression knows, one table a family."""
from ..names import KnownNames
from . import extensions as extensions  # declares them
from .booleans import BOOLEANS
from .contexts import CONTEXTS
from .conversions import CONVERSIONS
from .lists import LISTS
from .numbers import NUMBERS
from .ranges import RANGES
from .signatures import EXTENSIONS, Builtin, Table, as_function
from .statistics import STATISTICS
from .strings import STRINGS
from .temporals import TEMPORALS

STANDARD: tuple[Table, ...] = (
    CONVERSIONS,
    BOOLEANS,
    STRINGS,
    NUMBERS,
    LISTS,
    STATISTICS,
    CONTEXTS,
    TEMPORALS,
    RANGES,
)
BUILTINS: dict[str, Builtin] = {}
for _family in (*STANDARD, EXTENSIONS):
    for _name, _builtin in _family.builtins.items():
        BUILTINS.setdefault(_name, Builtin(_name)).signatures += _builtin.signatures
KNOWN_BUILTINS = KnownNames(BUILTINS)

__all__ = ["BUILTINS", "EXTENSIONS", "KNOWN_BUILTINS", "STANDARD", "Builtin", "as_function"]
