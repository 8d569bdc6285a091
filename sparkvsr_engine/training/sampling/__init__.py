"""From a scene to what a training step is fed: crops, keyframes spoiled and warped, planes."""
