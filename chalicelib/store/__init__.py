"""The only package that knows DynamoDB: records in and out, and one transaction per Change."""
