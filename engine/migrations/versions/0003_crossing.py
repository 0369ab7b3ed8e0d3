"""Handoffs, roles of a case, disclosures, milestones."""

import sqlalchemy as sa
from alembic import op

revision = "0003_crossing"
down_revision = "0002_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_roles",
        sa.Column("case_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("party_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bound_by", sa.String(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_key"],
            ["cases.key"],
        ),
        sa.ForeignKeyConstraint(
            ["party_key"],
            ["parties.key"],
        ),
        sa.PrimaryKeyConstraint("case_key", "role"),
    )
    op.create_table(
        "disclosures",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("handoff_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_key"],
            ["cases.key"],
        ),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("disclosures", schema=None) as batch_op:
        batch_op.create_index("ix_disclosures_case", ["case_key", "party_key"], unique=False)

    op.create_table(
        "handoffs",
        sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("case_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process_id", sa.String(), nullable=False),
        sa.Column("flow_id", sa.String(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_side", sa.String(), nullable=False),
        sa.Column("to_side", sa.String(), nullable=False),
        sa.Column("from_group", sa.String(), nullable=False),
        sa.Column("from_role", sa.String(), nullable=False),
        sa.Column("to_role", sa.String(), nullable=False),
        sa.Column("from_party_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_party_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_element_id", sa.String(), nullable=False),
        sa.Column("to_element_id", sa.String(), nullable=True),
        sa.Column("element_instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("round", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("previous_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("is_begun", sa.Boolean(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accept_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("complete_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("accept_late", sa.Boolean(), nullable=False),
        sa.Column("complete_late", sa.Boolean(), nullable=False),
        sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("declined_by", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("assurance", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_key"],
            ["cases.key"],
        ),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.create_index("ix_handoffs_case", ["case_key"], unique=False)
        batch_op.create_index(
            "ix_handoffs_clock",
            ["next_look_at"],
            unique=False,
            postgresql_where=sa.text("next_look_at IS NOT NULL"),
            sqlite_where=sa.text("next_look_at IS NOT NULL"),
        )
        batch_op.create_index("ix_handoffs_process", ["process_id", "key"], unique=False)
        batch_op.create_index("ix_handoffs_to", ["to_party_key", "state"], unique=False)

    op.create_table(
        "milestones",
        sa.Column("case_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("process_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("element_id", sa.String(), nullable=False),
        sa.Column("instance_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_key"],
            ["cases.key"],
        ),
        sa.PrimaryKeyConstraint("case_key", "process_key", "element_id"),
    )
    with op.batch_alter_table("case_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handoff_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("handoffs", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, server_default=sa.text("0"))
        )

    with op.batch_alter_table("processes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("starter_kind", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("starter_party_id", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("has_public_start", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("accepts", sa.Text(), nullable=True))

    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("party_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("handoff_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("handoff_keys", sa.Text(), nullable=True))
        batch_op.create_index(
            "ix_tasks_handoff",
            ["handoff_key"],
            unique=False,
            postgresql_where=sa.text("handoff_key IS NOT NULL"),
            sqlite_where=sa.text("handoff_key IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_tasks_party",
            ["party_key", "key"],
            unique=False,
            postgresql_where=sa.text("party_key IS NOT NULL"),
            sqlite_where=sa.text("party_key IS NOT NULL"),
        )
