"""From a message to bytes and to the engine: wire format, endpoints, connection file, links."""
