"""How fast the loading is: beside other tools, beside what the machine can do, and as the warehouse grows.

`python -m tt_pipeline_tests.labs.benchmarks` (`make bench`) measures and writes docs/benchmarks.md anew. The tests here
try that it still runs, on few videos; they measure nothing.
"""
