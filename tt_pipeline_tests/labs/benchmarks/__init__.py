"""The speed of loading: compared with other tools, with the limit of the machine, and for a growing warehouse.

`python -m tt_pipeline_tests.labs.benchmarks` (`make bench`) measures and writes docs/benchmarks.md again. The tests
here try that it still runs, on few videos; they measure nothing.
"""
