"""Chapter 09, Learning-rate schedules: its explorers and its exercises."""
