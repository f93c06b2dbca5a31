"""Alembic's entry: runs on the connection, and inside the transaction, that `pipeline.warehouse.schema` hands it."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=None)
context.run_migrations()
