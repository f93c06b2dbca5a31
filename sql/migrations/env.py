"""Alembic's entry: runs on the connection, and inside the transaction, that `pipeline.warehouse.schema` hands it."""

from alembic import context

connection = context.config.attributes["connection"]
# The first schema of the search path: another on the path may hold a warehouse of its own.
schema = connection.dialect.default_schema_name if connection.dialect.name == "postgresql" else None
context.configure(connection=connection, target_metadata=None, version_table_schema=schema)
context.run_migrations()
