"""Which frames become keyframes: what each is worth to the others, and the policies that choose."""
