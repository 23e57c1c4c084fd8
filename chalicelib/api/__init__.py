"""The JSON interface: thin routes over the services. `http` is the frame, `parse` reads what comes
in, `show` renders what goes out, `openapi` publishes both."""
