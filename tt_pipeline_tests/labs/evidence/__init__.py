"""What is claimed of the product, measured on the simulator: experiments, the pages made of them, and their tests.

`python -m tt_pipeline_tests.labs.evidence` (`make evidence`) writes docs/evidence anew; tests compare it with a fresh
run.
"""
