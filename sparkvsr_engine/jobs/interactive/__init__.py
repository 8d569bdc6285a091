"""What an artist asks for between jobs: previews, suggested keyframes, trust in a rendered version."""
