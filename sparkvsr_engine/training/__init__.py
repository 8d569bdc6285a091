"""Training of the restorers: footage, degradation, samples, two stages, export. One recipe per model."""
