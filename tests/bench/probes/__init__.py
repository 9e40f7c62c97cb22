# SPDX-License-Identifier: Apache-2.0
"""How one number, or a few, of one round is measured on whatever way: one file per instrument."""
