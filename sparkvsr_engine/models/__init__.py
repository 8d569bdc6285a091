"""Restorers and image super-resolution models behind one interface (`models.base`)."""
