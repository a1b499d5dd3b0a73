"""Generated pages with real output. `make pages` writes them, a test compares."""
