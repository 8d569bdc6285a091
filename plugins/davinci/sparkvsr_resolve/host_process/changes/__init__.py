# SPDX-License-Identifier: Apache-2.0
"""What is changed in Resolve; all of it is read back."""
