"""Second-order degradation of real footage (Real-ESRGAN, RealBasicVSR), constant over a clip."""
