"""Make a virtual environment from the pinned versions.

Runs on whatever Python the machine has, before anything is installed: standard library
only. `make setup` calls it for .venv, ops/aws_cli.py for .venv-aws, gates/ for the
environments of the heavy analysers.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = "constraints.txt"
# What the commands of the set need, the embedded AWS included. The extra `dev` is for
# who changes the set, and is more than twice as much to download.
OPERATOR = "build,local,ops"


def create(folder: Path, requirements: tuple[str, ...], constraints: str) -> None:
    """Make the environment anew, and install into it.

    Raises:
        SystemExit: with a sentence, when venv is missing or pip fails.
    """
    if folder.is_symlink():
        raise SystemExit(
            f"{folder} is a link to another checkout's environment, which would be "
            "replaced: run `make setup` there, or delete the link."
        )
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SystemExit(
            f"Python {version} on this machine lacks the venv module. Install it "
            f"(Debian, Ubuntu: `apt-get install python{version}-venv`) and try again."
        )
    print(f"Making {folder.name} with {constraints} …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    # Not the venv module's own API: a process of its own sees no packages of ours.
    _run([sys.executable, "-m", "venv", str(folder)], {})
    install(folder, requirements, constraints)


def install(folder: Path, requirements: tuple[str, ...], constraints: str) -> None:
    """Install more into an environment.

    Raises:
        SystemExit: with a sentence, when pip fails.
    """
    # In the environment rather than as -c, so that it also holds for what pip
    # installs for the time of the build.
    pins = {"PIP_CONSTRAINT": str(ROOT / constraints)}
    # Modules compile themselves when they are first imported; most never are, and to
    # compile them all takes a third of the time.
    options = ("--quiet", "--no-compile", "--disable-pip-version-check")
    python = str(folder / "bin" / "python")
    _run([python, "-m", "pip", "install", *options, *requirements], pins)


def npm_ci(folder: Path) -> None:
    """Install what a folder's package-lock.json pins, unless it is installed.

    Raises:
        SystemExit: with a sentence, when npm is missing or fails.
    """
    lock, installed = folder / "package-lock.json", folder / "node_modules"
    stamp = installed / ".installed"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return
    if shutil.which("npm") is None:
        raise SystemExit(
            "npm is missing: install Node.js 18 or newer with npm (Debian, Ubuntu: "
            "`apt-get install nodejs npm`) and try again."
        )
    print(f"Making {installed.relative_to(ROOT)} …", flush=True)
    _run(["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(folder)], {})
    stamp.touch()


def _run(command: list[str], environment: dict[str, str]) -> None:
    if subprocess.run(command, cwd=ROOT, env=os.environ | environment).returncode:
        raise SystemExit(
            f"`{' '.join(command)}` failed; what it says is above. Without a network, "
            "set PIP_INDEX_URL to a mirror that this machine reaches."
        )


def main(folder: str, extra: str = "") -> None:
    """Make the project's environment, or add to it what an extra of setup.cfg names."""
    if extra:
        print(f"Adding what `{extra}` needs to {Path(folder).name} …", flush=True)
        install(Path(folder), ("--editable", f".[{extra}]"), CONSTRAINTS)
    else:
        create(Path(folder), ("--editable", f".[{OPERATOR}]"), CONSTRAINTS)


if __name__ == "__main__":
    main(*sys.argv[1:])
