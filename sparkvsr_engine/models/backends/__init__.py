"""What runs networks on the processor: torch, or OpenVINO where its extra is installed."""
