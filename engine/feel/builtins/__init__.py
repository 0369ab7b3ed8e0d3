"""All functions that every expression knows, one table a family."""
from ..names import KnownNames
from .booleans import BOOLEANS
from .contexts import CONTEXTS
from .conversions import CONVERSIONS
from .extensions import EXTENSIONS
from .lists import LISTS
from .numbers import NUMBERS
from .ranges import RANGES
from .signatures import Builtin, Table, as_function
from .statistics import STATISTICS
from .strings import STRINGS
from .temporals import TEMPORALS

_FAMILIES: tuple[Table, ...] = (
    CONVERSIONS,
    BOOLEANS,
    STRINGS,
    NUMBERS,
    LISTS,
    STATISTICS,
    CONTEXTS,
    TEMPORALS,
    RANGES,
    EXTENSIONS,
)
BUILTINS: dict[str, Builtin] = {name: builtin for family in _FAMILIES for name, builtin in family.builtins.items()}
KNOWN_BUILTINS = KnownNames(BUILTINS)

__all__ = ["BUILTINS", "KNOWN_BUILTINS", "Builtin", "as_function"]
