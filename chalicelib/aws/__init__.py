"""A small AWS client: signing, connections and retries, for DynamoDB, SES and WebSocket
connections."""
