"""Routes of events and webhooks, and the WebSocket."""
