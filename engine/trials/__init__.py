"""Trying a working copy: the real engine on a database of its own, with a clock that the designer moves.

`Trials` keeps one trial for each designer and pack, in files below the data folder; `Trial` is one, open. Nothing of it
reaches the installation: no letter leaves, no web service is called, no register or person is touched.
"""

from engine.trials.shelf import MOST, Trials
from engine.trials.trial import Trial

__all__ = ["MOST", "Trial", "Trials"]
