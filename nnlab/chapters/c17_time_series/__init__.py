"""Chapter 17, Time series: its explorers and exercises."""
