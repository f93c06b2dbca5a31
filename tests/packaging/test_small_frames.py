"""Text in frames is kept in one way, whichever of pandas and coalwatch is loaded first."""

import subprocess
import sys

import pandas as pd
import pytest

from pipeline.resources import ROOT
from pipeline.small_frames import keep_text_as_python

PIPELINE_FIRST = """
import sys, pipeline
from importlib.util import find_spec
{before}
assert "pandas" not in sys.modules
import pandas
print(pandas.Series(["Nampo"]).dtype.storage, *(one for one in sys.meta_path if "small_frames" in str(one)))
"""


@pytest.mark.parametrize("before", ["", 'find_spec("pandas")'], ids=["at once", "somebody looked whether it is there"])
def test_pandas_is_told_as_soon_as_it_is_loaded_and_not_loaded_for_it(before):
    code = PIPELINE_FIRST.format(before=before)
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["python"]


def test_pandas_that_is_loaded_is_told_at_once():
    with pd.option_context("mode.string_storage", "pyarrow"):
        assert pd.Series(["Nampo"]).dtype.storage == "pyarrow"
        keep_text_as_python()
        assert pd.Series(["Nampo"]).dtype.storage == "python"
