"""One request from accepted to done: store, plan, keyframe images, rendering, outputs, worker."""
