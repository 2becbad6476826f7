"""The analysers that the templates must pass, and what is accepted of their findings.

``python -m gates`` runs in one process those that take seconds (``make check``);
``python -m gates --slow`` runs the others, each in an environment of its own
(``make check-all``).
"""
