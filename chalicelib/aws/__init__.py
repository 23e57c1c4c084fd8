"""A small AWS client: signing, connections and retries, for DynamoDB, SES, WebSocket connections,
secrets and parameters."""
