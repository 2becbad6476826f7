"""Workers, one or ten thousand: invite, list, invite again, disable, enable, remove.

The accounts are those of `Custom::Workers`: names, attributes and what is done to an
account that is there already come from `lambda_src/workforce.py`, so that a worker who
was invited here can be declared in WorkerEmails later, and the other way round.
"""
