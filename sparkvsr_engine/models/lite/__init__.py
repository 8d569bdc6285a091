"""The compact restorer that ships with its weights: any scale, any size, any frame on its own."""
