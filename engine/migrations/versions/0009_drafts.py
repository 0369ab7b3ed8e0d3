"""Models being drawn, who draws them, and which work programs ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0009_drafts"
down_revision = "0008_tracking"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "asked_job_types",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("type"),
    )
    op.create_table(
        "drafts",
        sa.Column("key", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", KEY, nullable=False),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=True),
        sa.Column("changed_by_name", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("process_ids", sa.Text(), nullable=False),
        sa.Column("from_process_key", KEY, nullable=True),
        sa.Column("deployed_revision", KEY, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_drafts_changed", "drafts", ["changed_at"], unique=False)
    op.create_table(
        "draft_files",
        sa.Column("draft_key", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draft_key"], ["drafts.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("draft_key", "name"),
    )
    op.create_table(
        "draft_revisions",
        sa.Column("draft_key", KEY, nullable=False),
        sa.Column("revision", KEY, nullable=False),
        sa.Column("saved_by", sa.String(), nullable=True),
        sa.Column("saved_by_name", sa.String(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployment_key", KEY, nullable=True),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["draft_key"], ["drafts.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("draft_key", "revision"),
    )
    op.create_table(
        "draft_editors",
        sa.Column("draft_key", KEY, nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_key"], ["drafts.key"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("draft_key", "actor_id"),
    )
