"""Where the program starts.

Imports nothing at the top: every child process passes through here too, and ``freeze_support`` must come first.
"""


def main() -> int:
    """Run the command line; without a command it opens the window."""
    import multiprocessing

    multiprocessing.freeze_support()
    from workstation.cli.main import main as run

    return run()


if __name__ == "__main__":
    import sys

    sys.exit(main())
