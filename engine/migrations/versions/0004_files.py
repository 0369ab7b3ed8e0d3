"""Documents: what is known of files, and to which case they belong."""

import sqlalchemy as sa
from alembic import op

revision = "0004_files"
down_revision = "0003_crossing"
branch_labels = None
depends_on = None

_PENDING = {"postgresql_where": sa.text("kept_until IS NOT NULL"), "sqlite_where": sa.text("kept_until IS NOT NULL")}


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "documents",
        sa.Column("key", key, autoincrement=False, nullable=False),
        sa.Column("case_key", key, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", key, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("party_key", key, nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("details", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_key"], ["cases.key"]),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index("ix_documents_case", ["case_key"], unique=False)
        batch_op.create_index("ix_documents_pending", ["uploaded_by", "place"], unique=False, **_PENDING)
        batch_op.create_index("ix_documents_kept_until", ["kept_until"], unique=False, **_PENDING)
