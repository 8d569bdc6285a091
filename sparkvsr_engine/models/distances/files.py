"""The files that learned distances read, as 'sparkvsr models fetch metrics' names them."""

LPIPS_ALEXNET = "lpips_alexnet.safetensors"
LPIPS_VGG16 = "lpips_vgg16.safetensors"
DISTS_ALPHA_BETA = "dists_alpha_beta.pt"
# VGG16's weights, and how much each of its channels counts.
DISTS_FILES = (LPIPS_VGG16, DISTS_ALPHA_BETA)
