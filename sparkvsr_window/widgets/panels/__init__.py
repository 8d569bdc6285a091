"""The parts of the window around the viewer: settings, keyframes, guidance, jobs, bars."""
