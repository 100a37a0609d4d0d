"""What runs before any environment exists, and fills it: see `interpreter`, which one is taken, and `install`."""
