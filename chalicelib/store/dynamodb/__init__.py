"""What every store uses: tables, one connection, transactions, DynamoDB's errors as refusals."""
