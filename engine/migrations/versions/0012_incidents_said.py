"""An incident keeps what its message was made of, so that it can be said in the reader's language."""

import sqlalchemy as sa
from alembic import op

revision = "0012_incidents_said"
down_revision = "0011_undeliverable"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("error_said", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("incidents") as incidents:
        incidents.drop_column("error_said")
