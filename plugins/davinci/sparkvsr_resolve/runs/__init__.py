# SPDX-License-Identifier: Apache-2.0
"""Carrying a plan out: jobs of the engine, results noted down, imported and placed."""
