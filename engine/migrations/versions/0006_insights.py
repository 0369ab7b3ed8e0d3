"""How long a case's values are kept; working time of handoffs; indexes for questions by party and time."""

import sqlalchemy as sa
from alembic import op

revision = "0006_insights"
down_revision = "0005_open_work"
branch_labels = None
depends_on = None

_DUE = "erased_at IS NULL AND erase_at IS NOT NULL"
_FROM = "from_party_key IS NOT NULL"


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("keep", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("erase_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_cases_erase", ["erase_at"], unique=False, postgresql_where=sa.text(_DUE), sqlite_where=sa.text(_DUE))

    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        for name in ("working_to_accept", "working_in_hand"):
            batch_op.add_column(sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.create_index(
            "ix_handoffs_from", ["from_party_key"], unique=False, postgresql_where=sa.text(_FROM), sqlite_where=sa.text(_FROM)
        )
        batch_op.create_index("ix_handoffs_offered", ["offered_at"], unique=False)

    with op.batch_alter_table("case_roles", schema=None) as batch_op:
        batch_op.create_index("ix_case_roles_party", ["party_key"], unique=False)
