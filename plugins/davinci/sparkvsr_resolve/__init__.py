# SPDX-License-Identifier: Apache-2.0
"""SparkVSR beside DaVinci Resolve Studio 18.6 to 21: runs in the engine's environment, never inside Resolve.

`host_process` alone loads Resolve's scripting module, in a process and a Python of its own; everything else
plans, renders through the engine and shows. Importing this package loads neither.
"""
