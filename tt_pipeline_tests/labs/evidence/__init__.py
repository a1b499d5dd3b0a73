"""Measurements of the product's claims on the simulator: experiments, their pages, and their tests.

`python -m tt_pipeline_tests.labs.evidence` (`make evidence`) writes docs/evidence again; tests compare it with a fresh
run.
"""
