"""A shot learnt from its keyframes: before it is rendered, the network takes small steps on them."""
