"""Controls that ipywidgets lacks: a pad to draw on, an upload, a line of text, clicks and the mouse on the picture."""
