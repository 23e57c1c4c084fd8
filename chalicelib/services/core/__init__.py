"""What every use case needs: dependencies, idempotency, limits, audit, local times."""
