"""Events, webhooks, and subscriptions over WebSockets."""
