"""Indexes for what is open among very much that is not."""

from alembic import op

revision = "0005_open_work"
down_revision = "0004_files"
branch_labels = None
depends_on = None

_OF_AN_INSTANCE = (("ix_tasks_instance", "tasks"), ("ix_jobs_instance", "jobs"))


def upgrade() -> None:
    for name, table in _OF_AN_INSTANCE:
        op.drop_index(name, table)
        op.create_index(name, table, ["instance_key", "element_instance_key"])


def downgrade() -> None:
    for name, table in _OF_AN_INSTANCE:
        op.drop_index(name, table)
        op.create_index(name, table, ["instance_key"])
