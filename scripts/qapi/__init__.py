# SPDX-License-Identifier: GPL-2.0-or-later
"""The QMP schema compiler behind scripts/qapi-gen.py."""
