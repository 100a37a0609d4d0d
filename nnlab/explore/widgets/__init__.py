"""Controls that ipywidgets lacks: a pad to draw on, an upload, a short line of text, a click on the picture."""
