"""Controls of our own in the page: a pad to draw on, an upload, a line of text, a place in the picture."""
