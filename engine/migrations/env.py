"""What Alembic runs: with the connection, and in the transaction, of whoever called (see __init__.py)."""

from typing import Any, Literal

from alembic import context

from engine.database import Base, JsonText, UtcDateTime

_PLAIN = {UtcDateTime: "sa.DateTime(timezone=True)", JsonText: "sa.Text()"}


def _plain_types(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # a migration says what lies in the database for good; our own types may change
    return _PLAIN.get(type(item), False) if kind == "type" else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=_plain_types,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
