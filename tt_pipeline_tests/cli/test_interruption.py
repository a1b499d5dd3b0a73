"""A signal at an awkward moment of Python's: in a callback, in generated code, before an end that would not come."""

import signal
import subprocess
import sys

import pytest

from tt_pipeline_tests.builders import cases

INTERRUPTED = "Interrupted. Landed pages are kept; run the same command again to continue.\n"
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
PROGRAM = """
import atexit, os, signal, sys, threading, time
import tt_pipeline.cli.app as app
from tt_pipeline.cli.entry import start

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), {number})
        time.sleep(0.01)

def callback():
    Deaf()  # Python prints and ignores an exception that is raised in __del__
    time.sleep(60)

def generated():
    exec("import os, time; os.kill(os.getpid(), {number}); time.sleep(60)")

def endless():
    atexit.register(time.sleep, 60)
    generated()

app.run = lambda words, interruption: {moment}()
start()
"""


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize(
    "moment", cases({"a callback": "callback", "generated code": "generated", "an end that would not come": "endless"})
)
def test_the_process_ends_with_one_message_and_the_code_of_its_signal(number: signal.Signals, moment: str) -> None:
    """Python prints a traceback and goes on, reports another cause of death, or waits for ever."""
    program = PROGRAM.format(number=int(number), moment=moment)

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=False)

    assert (ended.returncode, ended.stderr) == (CODES[number], INTERRUPTED)
