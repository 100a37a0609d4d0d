"""Chapter 01, The artificial neuron: its explorers and its exercises."""
