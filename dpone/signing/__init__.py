"""Keys, envelopes and trust: who vouches for which bytes."""
