"""The command line: groups loaded when they are used, and the one place that turns errors into exits."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from dpone import __version__
from dpone.commands.lazy import FolderGroup
from dpone.errors import NOT_PASSED, UNDECIDED, USAGE, DponeError

_EPILOG = "Exit 0 passed, 1 not passed, 2 wrong usage, 3 could not decide."


@click.command(cls=FolderGroup, package="dpone.commands", epilog=_EPILOG)
@click.version_option(__version__, prog_name="dpone")
def dpone() -> None:
    """May this release go ahead, and can you prove later why?"""


def main() -> NoReturn:
    """Run the command line and exit with the status of the design's table, never with a traceback."""
    try:
        status = dpone.main(standalone_mode=False, prog_name="dpone")
        _leave(status if isinstance(status, int) else 0)
    except DponeError as error:
        _say(f"dpone: {error}")
        _leave(error.exit_status)
    except click.exceptions.NoArgsIsHelpError as error:
        _say(error.format_message())
        _leave(USAGE)
    except click.ClickException as error:
        _say(f"dpone: {_usage(error)}")
        _leave(USAGE)
    except KeyboardInterrupt:
        _interrupted()
    except click.exceptions.Abort as error:
        # click raises it for an interrupt, and for an end of file anywhere below, which is a fault.
        if isinstance(error.__cause__, EOFError):
            _fault(error.__cause__)
        _interrupted()
    except BrokenPipeError:
        sys.stderr.close()
        _leave(NOT_PASSED)
    except MemoryError:
        _say("dpone: out of memory; nothing was decided -> give it more, or smaller files")
        _leave(UNDECIDED)
    except Exception as error:  # noqa: BLE001 - a traceback is never an answer
        _fault(error)


def program() -> NoReturn:
    """`main` as a process of its own, which ends at once: taking a Python process down piece by piece costs
    as much as a twelfth of a gate, and everything that must last was made durable before."""
    import atexit
    import gc
    import os

    # What is imported and parsed stays, so looking for cycles after every 700 objects finds nothing, at a fortieth of
    # a gate's time; a run that makes very many is still looked through.
    gc.set_threshold(50_000, 20, 20)
    status: object = UNDECIDED
    try:
        main()
    except SystemExit as end:
        status = end.code
    atexit._run_exitfuncs()  # noqa: SLF001 - what os._exit leaves out
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # a closed stream: `main` has said so in its status
        status = status or UNDECIDED
    os._exit(status if isinstance(status, int) else UNDECIDED)


def _interrupted() -> NoReturn:
    _say("dpone: interrupted; nothing was decided -> run it again")
    _leave(UNDECIDED)


def _fault(error: BaseException) -> NoReturn:
    _say(f"dpone: internal fault: {type(error).__name__}: {error} -> report it with DPONE_DEBUG=1 set")
    _debug()
    _leave(UNDECIDED)


def _usage(error: click.ClickException) -> str:
    from dpone.errors import one_line

    text = one_line(error.format_message())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        text += f" -> see {error.ctx.command_path} --help"
    return text


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _debug() -> None:
    import os

    if os.environ.get("DPONE_DEBUG"):
        import traceback

        traceback.print_exc()


def _leave(status: int) -> NoReturn:
    sys.exit(status)


if __name__ == "__main__":
    program()
