"""Training on data that stay where they are: averaging, and what privacy costs."""
