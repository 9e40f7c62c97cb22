# SPDX-License-Identifier: Apache-2.0
"""The ways from a laptop to the office: one file each, all of the shape of way.py."""
