"""Behaviour of the package through its front door, on small made-up projects."""
