# SPDX-License-Identifier: Apache-2.0
"""The ways from a laptop to the office that are compared: one file each, all of the shape of way.py."""
