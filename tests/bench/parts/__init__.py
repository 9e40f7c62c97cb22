# SPDX-License-Identifier: Apache-2.0
"""What is measured: one file per theme, each with functions part(world, report, options)."""
