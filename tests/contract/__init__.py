"""The package on real artifacts, kept outside of the repository; skipped where they are absent."""
