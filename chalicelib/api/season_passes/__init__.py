"""Season passes and their plans."""
