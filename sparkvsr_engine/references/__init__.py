"""Reference frames: the pictures of keyframes, made or supplied, checked, aligned and colour-locked."""
