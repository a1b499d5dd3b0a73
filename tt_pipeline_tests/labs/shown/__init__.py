"""Pages that show what comes out: written by running what they tell of. `make pages` writes them, a test compares."""
