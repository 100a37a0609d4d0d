"""What this computer has: processor, browser, whole data."""
