"""Indexes for what is open among very much that is not."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005_open_work"
down_revision = "0004_files"
branch_labels = None
depends_on = None

_OF_AN_INSTANCE = (("ix_tasks_instance", "tasks"), ("ix_jobs_instance", "jobs"))
_DONE_BY_ANOTHER = "completed_by IS NOT NULL AND (assignee IS NULL OR assignee <> completed_by)"


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def upgrade() -> None:
    for name, table in _OF_AN_INSTANCE:
        op.drop_index(name, table)
        op.create_index(name, table, ["instance_key", "element_instance_key"])
    op.drop_index("ix_tasks_assignee", "tasks")
    op.create_index("ix_tasks_assignee", "tasks", ["assignee", "key"])
    op.create_index("ix_tasks_open", "tasks", ["ended_at", "assignee", "key"], **_where("ended_at IS NULL"))
    op.create_index("ix_tasks_done", "tasks", ["completed_by", "key"], **_where(_DONE_BY_ANOTHER))


def downgrade() -> None:
    op.drop_index("ix_tasks_done", "tasks")
    op.drop_index("ix_tasks_open", "tasks")
    op.drop_index("ix_tasks_assignee", "tasks")
    op.create_index("ix_tasks_assignee", "tasks", ["assignee", "state", "key"])
    for name, table in _OF_AN_INSTANCE:
        op.drop_index(name, table)
        op.create_index(name, table, ["instance_key"])
