"""Experiments that are run by hand or before a release: measurements, and pages that are written by running them."""
