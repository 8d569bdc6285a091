"""Who may do what, and where in the file system: keys, roles, roots, limits, and the audit log."""
