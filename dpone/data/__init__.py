"""Row-level work and scanning: everything here finds facts; policies judge them."""
