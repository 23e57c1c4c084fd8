"""The engine: connection, tables, transactions, and DynamoDB's refusals as ours."""
