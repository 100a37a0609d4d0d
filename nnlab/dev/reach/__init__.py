"""What a change can reach: `git` lists what changed, `graph` says who imports whom, `choose` picks the tests."""
