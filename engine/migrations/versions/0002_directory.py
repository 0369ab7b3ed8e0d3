"""The directory: parties, and whose people they are."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002_directory"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    parties = op.create_table(
        "parties",
        sa.Column("key", _KEY, autoincrement=False, nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("timetable", sa.Text(), nullable=True),
        sa.Column("contacts", sa.Text(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sa.UniqueConstraint("party_id"),
    )
    only_host = sa.text("kind = 'host'")
    with_email = sa.text("email IS NOT NULL")
    op.create_index("uq_parties_host", "parties", ["kind"], unique=True, postgresql_where=only_host, sqlite_where=only_host)
    op.create_index("uq_parties_email", "parties", ["email"], unique=True, postgresql_where=with_email, sqlite_where=with_email)
    op.create_index("ix_parties_name", "parties", ["name", "key"])
    op.bulk_insert(
        parties,
        [
            {
                "key": 1,
                "party_id": "host",
                "name": "Our company",
                "kind": "host",
                "language": "en",
                "time_zone": "UTC",
                "contacts": "[]",
                "words": "our company host",
                "active": True,
                "created_at": datetime.now(UTC).replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else datetime.now(UTC),
            }
        ],
    )
    # not in batch mode: SQLite would make the table anew, and dropping the old one would take memberships and log-ins with it
    op.add_column("people", sa.Column("party_key", _KEY, sa.ForeignKey("parties.key"), nullable=True), inline_references=True)
    op.create_index("ix_people_party", "people", ["party_key"])
