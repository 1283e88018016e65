"""What a check has found, for those who read it: people, and the tools that show it to them.

lines(checked, paint, columns)      for a terminal
sarif(checked)                      for code scanning, as a dict to be written as JSON
junit(checked)                      for continuous integration, as XML
"""

from .checked import Checked
from .human import lines
from .junit import junit
from .sarif import sarif

__all__ = ["Checked", "junit", "lines", "sarif"]
