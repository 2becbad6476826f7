"""What stands behind the operator's make targets: deploy, look, delete, try locally.

Every command works on the account that the environment's credentials belong to. `local`
fills the environment with the embedded AWS's, and then runs the same commands.
"""
