"""The seam to the outside: safe reads, ids, times, and writing all or nothing."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpone.errors import UndecidedError, UsageError, one_line
from dpone.workspace import (
    ReadProblem,
    check_id,
    file_stem,
    open_clock,
    open_workspace,
    parse_time,
    publish,
    read_file,
    read_time,
    time_text,
)


def _reason(path, limit=100, allow=None):
    with pytest.raises(ReadProblem) as caught:
        read_file(path, limit, allow)
    return caught.value.state, caught.value.reason


def test_what_is_no_plain_file_is_refused_without_blocking(tmp_path):
    """Folders, FIFOs, devices, missing, dangling and too large files each get their own reason."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "big").write_bytes(b"x" * 101)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    assert _reason(tmp_path) == ("unreadable", "is_folder")
    assert _reason(tmp_path / "fifo") == ("unreadable", "not_regular")
    assert _reason(tmp_path / "big") == ("too_large", "over_limit")
    assert _reason(tmp_path / "none") == ("missing", "not_found")
    assert _reason(tmp_path / "dangling") == ("unreadable", "symlink_outside")
    if Path("/dev/zero").exists():
        assert _reason(Path("/dev/zero")) == ("unreadable", "not_regular")


def test_a_symlink_is_followed_only_inside_the_workspace(tmp_path):
    """A link to a file of the workspace is read; one that leads out is not."""
    inside, outside = tmp_path / "work", tmp_path / "secret"
    inside.mkdir()
    outside.write_text("s")
    (inside / "real").write_text("r")
    (inside / "good").symlink_to(inside / "real")
    (inside / "bad").symlink_to(outside)
    (inside / "folder").symlink_to(tmp_path, target_is_directory=True)
    workspace = open_workspace(env={}, start=inside)
    assert workspace.read(inside / "good", 10) == b"r"
    for leads_out in (inside / "bad", inside / "folder" / "secret"):
        with pytest.raises(ReadProblem) as caught:
            workspace.read(leads_out, 10)
        assert caught.value.reason == "symlink_outside"


@pytest.mark.parametrize(
    "bad",
    ["", "../x", "a/../b", "/etc/passwd", "C:\\x", "C:/x", "a b", "a\n", "x" * 200, "a//b", "-x", ".x", "a/"],
)
def test_ids_that_could_lead_out_of_a_folder_are_refused(bad):
    """Nothing with .., an absolute path or odd characters is an id."""
    with pytest.raises(UsageError):
        check_id(bad, "--release")


@given(
    st.lists(
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+@:-]{0,10}", fullmatch=True),
        min_size=2,
        max_size=2,
        unique=True,
    )
)
def test_different_ids_have_different_file_names(ids):
    """Even on a file system that folds case, two ids never share a file."""
    assert file_stem(ids[0]).lower() != file_stem(ids[1]).lower()


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_times_survive_their_text(moment):
    """Writing an instant and reading it again gives the same second."""
    instant = moment.replace(tzinfo=timezone.utc, microsecond=0)
    assert read_time(time_text(instant)) == instant


@pytest.mark.parametrize(
    "bad",
    ["", "yesterday", "2026-06-05", "2026-06-05T12:00:00", "2026-13-05T12:00:00Z", "٢٠٢٦-06-05T12:00:00Z"],
)
def test_a_time_without_its_offset_is_no_instant(bad):
    """A local time names no instant, so it is refused rather than guessed."""
    assert read_time(bad) is None
    with pytest.raises(UsageError):
        parse_time(bad, "--at")


def test_the_clock_says_when_it_was_set():
    """--at wins over SOURCE_DATE_EPOCH, and both mark the clock as set."""
    assert open_clock("", {}).source == "system"
    assert open_clock("", {"SOURCE_DATE_EPOCH": "0"}).source == "set"
    both = open_clock("2026-06-05T12:00:00Z", {"SOURCE_DATE_EPOCH": "0"})
    assert time_text(both.now()) == "2026-06-05T12:00:00Z"
    with pytest.raises(UsageError):
        open_clock("", {"SOURCE_DATE_EPOCH": "soon"})


def test_publishing_leaves_no_parts_when_one_file_cannot_be_written(tmp_path):
    """A file that cannot be written keeps all others away, and no temporary stays."""
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(UndecidedError):
        publish({tmp_path / "good": b"1", tmp_path / "taken" / "bad": b"2"})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["taken"]


@given(st.text())
def test_an_error_is_one_printable_line(text):
    """Names from files can neither break a line nor drive the terminal."""
    line = one_line(text)
    assert line == "" or (line.isprintable() and "\n" not in line)


def test_a_command_happens_at_one_instant():
    """The clock is read once: ages, seals and the record of one decision agree to the second."""
    clock = open_clock("", {})
    first = clock.now()
    time.sleep(1.1)
    assert clock.now() == first
