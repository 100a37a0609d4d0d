"""Chapter 05, Feedforward networks and the Playground: its explorers and its exercises."""
