"""Set up everything Cosight needs, then run it or test it. Needs Python 3.11, nothing else.

It makes `.venv` beside itself, installs requirements.lock into it with every hash checked, and on
Debian and Ubuntu installs the few system packages that are missing (as root; otherwise it prints
the one line to run). A stamp in `.venv` says what was set up, so that the second start costs
next to nothing; an environment without its stamp was interrupted half-way and is made anew.
It knows nothing of the program beyond how to start it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TextIO

CHECKOUT = Path(__file__).resolve().parent
LOCK = CHECKOUT / "requirements.lock"
VENV = CHECKOUT / ".venv"
STAMP = VENV / "cosight-environment"
SYSTEM_STAMP = VENV / "cosight-system"
WINDOWS = sys.platform == "win32"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")

# What Qt and VTK load at run time: the first line off screen, then the font, then X11's window.
RUN_PACKAGES = """
    libglib2.0-0 libgl1 libegl1 libxkbcommon0 libfontconfig1 libdbus-1-3
    fonts-noto-cjk
    libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
    libxcb-render-util0 libxcb-render0 libxcb-shape0 libxcb-util1 libxcb-xkb1 libxcb-xinerama0
    libxcb-randr0 libxcb-sync1 libxcb-shm0 libxcb-xfixes0 libx11-xcb1 libsm6 libice6
""".split()  # noqa: SIM905  (thirty names read better as words than as lines)
# The independent programs the tests call as judges.
TEST_PACKAGES = ["orthanc", "dcmtk", "dcm2niix", "dicom3tools", "poppler-utils", "xvfb", "xauth"]

# How long an interrupted child may clean up (the tests stop their archives) before it is killed.
PATIENCE_SECONDS = 20.0

QUICK = "not peers and not journey and not long"

USAGE = """\
usage: python3 dev.py run [ARGS]            the demo: archive, people and window (= cosight demo)
       python3 dev.py test [--quick|--long] [PYTEST ARGS]
                                            every check; --quick leaves out peers and journeys
       python3 dev.py cosight [ARGS]        the command line
"""


def main(arguments: list[str]) -> int:
    """Set up what is missing, then do what `arguments` say; return the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036  (run by whatever python3 the machine has)
        print("Cosight needs Python 3.11 or newer.", file=sys.stderr)
        return 1
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    if command not in ("run", "test", "cosight"):
        print(USAGE, end="", file=sys.stderr)
        return 2
    try:
        prepare(for_tests=command == "test")
        if command == "test":
            return check(rest)
        return replace_by_cosight(["demo", *rest] if command == "run" else rest)
    except KeyboardInterrupt:
        return 130


def prepare(*, for_tests: bool) -> None:
    """Bring system packages and environment up to date; return at once when the stamps say so."""
    wanted = RUN_PACKAGES + (TEST_PACKAGES if for_tests else [])
    fresh = read(STAMP) == environment_stamp()
    if not (fresh and set(wanted) <= set(read(SYSTEM_STAMP).split())):
        complete = install_system_packages(wanted + ([] if fresh else venv_package()))
        if not fresh:
            make_environment()
        if complete:
            write(SYSTEM_STAMP, " ".join(wanted))


def environment_stamp() -> str:
    """Return what the environment depends on: the lock, this Python, the place of the checkout."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return f"{lock}\nPython {sys.version.split()[0]}\n{CHECKOUT}\n"


def make_environment() -> None:
    """Make `.venv` anew and install the lock into it; the stamp is written last."""
    import shutil

    say("making .venv and installing requirements.lock (some minutes the first time)")
    if VENV.exists():
        shutil.rmtree(VENV)
    base_python = getattr(sys, "_base_executable", None) or sys.executable
    must_run([base_python, "-m", "venv", str(VENV)])
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    must_run([*pip, "install", "--quiet", "--require-hashes", "-r", str(LOCK)])
    name_checkout_in_environment()
    write(STAMP, environment_stamp())


def name_checkout_in_environment() -> None:
    """Make the packages importable from any folder, without building or installing them."""
    import subprocess

    question = "import sysconfig; print(sysconfig.get_path('purelib'))"
    answer = subprocess.run([str(PYTHON), "-c", question], check=True, stdout=subprocess.PIPE)
    packages = Path(os.fsdecode(answer.stdout.strip()))
    (packages / "cosight.pth").write_text(f"{CHECKOUT}\n", encoding="utf-8")


def venv_package() -> list[str]:
    """Return the Debian package that `python -m venv` lacks here, if it lacks one."""
    from importlib.util import find_spec

    base_python = getattr(sys, "_base_executable", None) or sys.executable
    if find_spec("ensurepip") or not str(base_python).startswith("/usr/bin/"):
        return []
    return [f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"]


def install_system_packages(wanted: list[str]) -> bool:
    """Install what Debian or Ubuntu lacks of `wanted`; return whether all of it is there now."""
    if not Path("/usr/bin/dpkg-query").exists() or not Path("/usr/bin/apt-get").exists():
        return True
    missing = sorted(set(wanted) - installed_packages())
    if not missing:
        return True
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
    if os.geteuid() == 0:
        say("installing " + " ".join(missing))
        apt(["apt-get", "update", "-qq"])
        apt(install)
        missing = sorted(set(wanted) - installed_packages())
        if not missing:
            return True
    say("these system packages are missing; please run this line once:")
    say("  sudo " + " ".join(install))
    if any(name.endswith("-venv") for name in missing):
        raise SystemExit(1)
    return False


def installed_packages() -> set[str]:
    """Return the names dpkg knows as installed, with the names they provide."""
    import subprocess

    form = "${db:Status-Status}|${Package}|${Provides}\n"
    rows = subprocess.run(["dpkg-query", "-W", "-f", form], check=True, stdout=subprocess.PIPE)
    names: set[str] = set()
    for row in rows.stdout.decode().splitlines():
        status, package, provides = row.split("|", 2)
        if status == "installed":
            names.add(package)
            names.update(entry.split()[0] for entry in provides.split(",") if entry.strip())
    return names


def apt(command: list[str]) -> None:
    """Run apt-get unattended; no service that a package brings (Orthanc's) is started or stays."""
    import subprocess

    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        unattended = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, env=unattended, stdout=sys.stderr, check=False)
    finally:
        if ours:
            policy.unlink(missing_ok=True)
    if "orthanc" in command and Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", "disable", "--now", "--quiet", "orthanc"], check=False)


def check(arguments: list[str]) -> int:
    """Run every check, the tests last; return 0 only when all of them passed."""
    quick = "--quick" in arguments
    rest = [argument for argument in arguments if argument != "--quick"]
    module = [str(PYTHON), "-m"]
    # lint-imports has no module form; its script is called through the same interpreter.
    lint_imports = [
        str(PYTHON),
        "-c",
        "from importlinter import cli; cli.lint_imports_command()",
    ]
    failed = []
    for name, command in (
        ("ruff check", [*module, "ruff", "check", "."]),
        ("ruff format", [*module, "ruff", "format", "--check", "."]),
        ("mypy", [*module, "mypy"]),
        ("lint-imports", lint_imports),
    ):
        say(name)
        if run(command) != 0:
            failed.append(name)
    say("FAILED before the tests: " + ", ".join(failed) if failed else "the checks above passed")
    say("pytest")
    tests = run(
        [
            *module,
            "pytest",
            *(["-m", QUICK, "-n", "2", "--dist", "loadfile"] if quick else []),
            *rest,
        ]
    )
    return 1 if failed else tests


def run(command: list[str], output: TextIO | None = None) -> int:
    """Run `command` in the checkout and return its status; it never outlives this program."""
    import signal
    import subprocess

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=output) as process:
        try:
            return process.wait()
        except BaseException as end:
            # A Ctrl-C at the terminal reached the child as well; a signal to us alone did not.
            if not isinstance(end, KeyboardInterrupt) and process.poll() is None:
                process.send_signal(signal.SIGINT if not WINDOWS else signal.SIGTERM)
            try:
                process.wait(PATIENCE_SECONDS)
            except BaseException:
                process.kill()
                raise
            raise


def must_run(command: list[str]) -> None:
    """Run `command` with its output on stderr (stdout is the program's); leave if it fails."""
    if run(command, output=sys.stderr) != 0:
        say(f"this failed: {' '.join(command)}")
        raise SystemExit(1)


def replace_by_cosight(arguments: list[str]) -> int:
    """Become the program: same process on POSIX, so that Ctrl-C and signals reach it alone."""
    command = [str(PYTHON), "-P", "-m", "workstation", *arguments]
    if not WINDOWS:
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606  (no shell is wanted)
    import subprocess

    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # the child got it too, and decides


def read(path: Path) -> str:
    """Return the text of `path`, empty when there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def write(path: Path, text: str) -> None:
    """Write `path` whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def say(line: str) -> None:
    """Tell the person at the terminal what happens now."""
    print(f"dev.py: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
