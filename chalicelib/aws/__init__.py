"""The wire to Amazon: signing, connections, retries, for the two services Berth asks."""
