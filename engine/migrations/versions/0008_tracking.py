"""Starts that wait for the proof of an address, and what customers say of an ended case."""

import sqlalchemy as sa
from alembic import op

revision = "0008_tracking"
down_revision = "0007_decisions"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "public_starts",
        sa.Column("key", _key(), autoincrement=False, nullable=False),
        sa.Column("process_key", _key(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("values", sa.Text(), nullable=True),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("notification_key", _key(), nullable=True),
        sa.Column("case_key", _key(), nullable=True),
        sa.Column("link_key", _key(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_key"], ["cases.key"]),
        sa.ForeignKeyConstraint(["link_key"], ["links.key"]),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("public_starts", schema=None) as batch_op:
        batch_op.create_index("ix_public_starts_address", ["address", "created_at"], unique=False)
        batch_op.create_index("ix_public_starts_case", ["case_key"], unique=False)
        batch_op.create_index("ix_public_starts_expires", ["expires_at"], unique=False)
        batch_op.create_index("ix_public_starts_network", ["network", "created_at"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("link_key", _key(), autoincrement=False, nullable=False),
        sa.Column("case_key", _key(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_key"], ["cases.key"]),
        sa.ForeignKeyConstraint(["link_key"], ["links.key"]),
        sa.PrimaryKeyConstraint("link_key"),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_case", ["case_key"], unique=False)
