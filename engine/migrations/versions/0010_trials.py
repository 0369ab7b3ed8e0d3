"""Trials: which there are, what a program would answer in them, and what was done in each."""

import sqlalchemy as sa
from alembic import op

revision = "0010_trials"
down_revision = "0009_drafts"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("key", _BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("draft_key", _BIG, nullable=True),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "job_samples",
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job_type"),
    )
    op.create_table(
        "recorded_steps",
        sa.Column("key", _BIG, autoincrement=False, nullable=False),
        sa.Column("case_key", _BIG, nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("party_key", _BIG, nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("recorded_steps", schema=None) as batch_op:
        batch_op.create_index("ix_recorded_steps_case", ["case_key"], unique=False)
