"""An AWS on loopback in one Python process: MiniStack with what it lacks.

`local_aws.process` starts and stops it, `local_aws.server` is the process itself, and
`local_aws.control` looks inside it: calls, faults, settings, mails, reset. The modules
named in `local_aws.server.EXTENSIONS` add the AWS behaviour that MiniStack lacks; they
hook into the library (`local_aws.hooks`) and never carry its code.
"""
