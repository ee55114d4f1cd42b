# SPDX-License-Identifier: GPL-2.0-or-later
"""Real KVM without the hardware: emulated machines that carry a stock kernel with KVM."""
