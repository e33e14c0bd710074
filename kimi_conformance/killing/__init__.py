"""The suite turned on itself: every fault against every case, and what noticed what."""
