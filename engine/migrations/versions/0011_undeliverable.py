"""Undeliverable mails are found by an index, among all that were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0011_undeliverable"
down_revision = "0010_trials"
branch_labels = None
depends_on = None


def upgrade() -> None:
    failed = sa.text("state = 'FAILED'")
    op.create_index("ix_notifications_failed", "notifications", ["key"], postgresql_where=failed, sqlite_where=failed)


def downgrade() -> None:
    op.drop_index("ix_notifications_failed", "notifications")
