"""Values that every subject uses: time, money, ids, intervals, errors, access, and the Change."""
