"""From a request to a plan: the source analysed, keyframes chosen, everything that decides pixels named."""
