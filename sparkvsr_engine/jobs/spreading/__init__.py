"""One job on several devices: its chunks in parts, each rendered by a process of its own."""
