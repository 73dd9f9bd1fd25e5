"""Files are written whole, and one process at a time works where a lock says so."""
import errno
import signal
import subprocess
import sys
import threading

import filelock
import pytest

from vmm_lab import files

HOLD = "import sys, time, filelock; lock = filelock.FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); time.sleep({})"


@pytest.fixture
def holder(tmp_path):
    """A function that starts another process, which holds the lock for so many seconds."""
    started = []

    def hold(seconds):
        command = [sys.executable, "-c", HOLD.format(seconds), str(tmp_path / ".lock")]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "held\n"
        return tmp_path / ".lock"

    yield hold
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "a.txt"
    files.atomic_write(path, lambda file: file.write(b"whole"))
    with pytest.raises(KeyboardInterrupt), files.atomic_path(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "whole" and [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_waiting_for_another_process_is_said_once(holder, capsys):
    with files.lock(holder(4)):
        pass
    assert capsys.readouterr().err.count("Waiting for another process") == 1


def test_waiting_ends_when_it_is_interrupted(holder):
    # A run in the background of a shell ignores the signal, and so do its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    path, thread_id = holder(60), threading.get_ident()
    timer = threading.Timer(1.5, lambda: signal.pthread_kill(thread_id, signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt), files.lock(path):
            pytest.fail("the lock was held by another process")
    finally:
        signal.signal(signal.SIGINT, before)


def test_waiting_ends_after_the_timeout_that_was_asked_for(holder):
    with pytest.raises(TimeoutError), files.lock(holder(60), timeout=0.2):
        pytest.fail("the lock was held by another process")


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP])
def test_a_file_system_without_locks_is_used_without_one(tmp_path, monkeypatch, code):
    def no_locks(self):
        raise OSError(code, "no locks here")

    monkeypatch.setattr(filelock.FileLock, "_acquire", no_locks)
    with files.lock(tmp_path / ".lock"):
        (tmp_path / "done").touch()
    assert (tmp_path / "done").exists()


def test_a_lock_is_let_go_of_when_the_block_raises(tmp_path):
    with pytest.raises(RuntimeError), files.lock(tmp_path / ".lock"):
        raise RuntimeError
    with files.lock(tmp_path / ".lock", timeout=0):
        pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="NOT TESTED: this system does not tell what a process holds")
def test_freed_memory_goes_back_to_the_system():
    code = """if True:
        import numpy as np
        from vmm_lab import files
        def resident():
            return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1]) / 1000
        kept = []
        for block in range(20):
            pieces = [np.ones(6_000) for _ in range(100)]
            kept += [np.ones(200) for _ in range(10)] + pieces[-1:]
        del pieces
        before = resident()
        print(files.return_freed_memory(), before - resident())"""
    told, fell = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    if told == "False":
        pytest.skip("NOT TESTED: this C library keeps no freed memory, or does not give it back")
    assert float(fell) > 2
