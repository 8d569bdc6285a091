"""Training of the restorers: footage, degradation, samples, stages, export. One recipe per model."""
