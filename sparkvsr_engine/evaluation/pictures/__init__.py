"""Pictures for people: wipes, heat maps, contact sheets (OpenCV) and plots (matplotlib, where installed)."""
