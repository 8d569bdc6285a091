"""A job as a bundle for a render farm: prepare, render in parts, join. No daemon takes part."""
