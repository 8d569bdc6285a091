# SPDX-License-Identifier: Apache-2.0
"""What the engine reports, brought into the script: jobs, results, previews, suggestions."""
