"""Drawing onto an explorer's picture: the canvas, texts and numbers as pixels."""
