"""Use cases of mail: compose a message, react to a bounce."""
