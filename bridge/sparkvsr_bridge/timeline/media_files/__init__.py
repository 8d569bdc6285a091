"""The files a timeline refers to: paths, numbered pictures, bundles, media found by name."""
