"""The only package that imports PynamoDB: reads of records, and one transaction for each Change."""
