"""Motion between frames and keyframes: searched, walked, registered, warped along."""
