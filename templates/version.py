"""The version of the set: the one place where it is written.

setup.cfg reads it, every template carries it, and a release is named after it.
"""

VERSION = "0.1.0"
