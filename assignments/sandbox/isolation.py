"""The room in which a submission runs: a process with limits, and with nothing in sight that it could read or spoil.

Three kinds, the first that the machine allows:

    closed   Linux, as root or where users may make namespaces: a file system of its own with Python and the
             book's package, read-only; a small folder in memory; no network; no other process. When it ends,
             all that it started ends with it.
    user     Linux, as root without namespaces (some containers): an unprivileged user, limits.
    limits   elsewhere: limits on time, memory and file size, and the watch that student_process.py keeps. A hostile
             submission can read what you can read.

A closed room is a fork of a process that has loaded NumPy already (template.py). For the others this file is a
program: `python isolation.py '{…}'` builds the room around itself and then becomes student_process.py.
"""

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = ("closed", "user", "limits")
NOBODY = 60001  # user and group number of submissions, when the grader runs as root
LONGEST_PLAN = 100_000  # bytes

LIMITS = {
    "cpu": 120,  # seconds
    "memory": 2_000_000_000,  # bytes of address space
    "file": 20_000_000,  # bytes in one file
    "files": 64,  # open at once
    "processes": 32,
    "disk": 64_000_000,  # bytes in all, in a closed room
}

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def python_folders():
    """Return the folders that Python needs: its own, the environment's, the system's libraries."""
    folders = [sys.base_prefix, sys.prefix, os.path.dirname(os.path.realpath(sys.executable))]
    folders += ["/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf.d"]
    kept = []
    for folder in sorted({str(Path(folder)) for folder in folders}, key=len):
        if os.path.exists(folder) and not any(folder.startswith(parent + "/") for parent in kept):
            kept.append(folder)
    return kept


class Sandbox:
    """A running room. `process` has pipes for questions and answers; `close()` ends all that it started."""

    def __init__(self, kind, packages, limits=None):
        self.folder = Path(tempfile.mkdtemp(prefix="grading-"))
        self.folder.chmod(0o711)
        home = self.folder / "home"
        home.mkdir()
        if kind == "user":
            os.chown(home, NOBODY, NOBODY)
        home.chmod(0o700)
        plan = {
            "kind": kind,
            "home": str(home),
            "packages": str(packages),
            "folders": python_folders(),
            "limits": LIMITS | (limits or {}),
            "python": os.path.abspath(sys.executable),
        }
        if kind == "closed":
            try:
                self.process = Fork(plan)
            except NoSandbox:
                shutil.rmtree(self.folder)
                raise
            return
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(HERE / "isolation.py"), json.dumps(plan)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": "/usr/bin:/bin"},
        )

    def close(self):
        for descriptor in (self.process.stdin, self.process.stdout):
            try:
                descriptor.close()
            except OSError:
                pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        try:
            self.process.kill()
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Fork:
    """A fork of the template, with the parts of subprocess.Popen that a Sandbox needs."""

    def __init__(self, plan):
        self.template = template_of_this_process(plan["packages"])
        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        self.stdin, self.stdout = os.fdopen(ours_in, "wb"), os.fdopen(ours_out, "rb")
        try:
            self.pid = self.template.ask(plan, theirs_in, theirs_out)
        finally:
            os.close(theirs_in)
            os.close(theirs_out)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def wait(self):
        with contextlib.suppress(NoSandbox):  # the template has ended, and its rooms are init's to wait for
            self.template.ask(self.pid)


class Template:
    """The process whose forks are rooms (template.py); it ends with this one."""

    def __init__(self, packages):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-B", "-s", str(HERE / "template.py"), str(Path(packages) / "matplotlib")],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=ENVIRONMENT,
            )
        if not self.socket.recv(10):
            raise NoSandbox(NO_PYTHON)

    def ask(self, message, *pipes):
        try:
            socket.send_fds(self.socket, [json.dumps(message).encode()], pipes)
            return json.loads(self.socket.recv(100))
        except (OSError, ValueError):
            raise NoSandbox("The process that makes rooms has ended. Was there not enough memory?") from None


TEMPLATES = {}  # {number of a process: its template}


def template_of_this_process(packages):
    """A worker has inherited the template of the process that it is a fork of, and must not share it."""
    template = TEMPLATES.get(os.getpid())
    if template is None or template.process.poll() is not None:
        TEMPLATES.clear()
        TEMPLATES[os.getpid()] = Template(packages)
    return TEMPLATES[os.getpid()]


NO_PYTHON = "No Python starts here to run the submissions: is numpy installed in this environment?"


class NoSandbox(RuntimeError):
    """Nothing can be graded: no Python starts in the kind of sandbox that was asked for."""


def works(kind, packages):
    """Tell whether Python starts in a sandbox of this kind on this machine."""
    if (kind == "user" and os.geteuid() != 0) or (kind == "closed" and sys.platform != "linux"):
        return False
    try:
        sandbox = Sandbox(kind, packages)
    except NoSandbox:
        return False
    try:
        return sandbox.process.stdout.readline().strip() == b'{"ready": true}'
    finally:
        sandbox.close()


def best_kind(packages):
    """Return the first kind of sandbox in which Python starts on this machine."""
    for kind in KINDS:
        if works(kind, packages):
            return kind
    raise NoSandbox(NO_PYTHON)


# ---------------------------------------------------------------- inside the new process

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


def libc(name, *args):
    library = ctypes.CDLL(None, use_errno=True)
    args = [os.fsencode(a) if isinstance(a, str) else ctypes.c_ulong(a) if isinstance(a, int) else a for a in args]
    if getattr(library, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def build(plan):
    """Close the room around this process; return where the home, the packages and student_process.py are now."""
    user, group = os.getuid(), os.getgid()
    namespaces = NEWNS | NEWIPC | NEWPID | NEWNET
    libc("unshare", namespaces if user == 0 else namespaces | NEWUSER)
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    libc("mount", "none", "/", None, MS_REC | MS_PRIVATE, None)
    root = Path(plan["home"]).parent / "root"
    root.mkdir()
    owner = NOBODY if user == 0 else user
    libc("mount", "none", str(root), "tmpfs", MS_NOSUID | MS_NODEV, f"size={plan['limits']['disk']},mode=755")
    shown = {folder: folder for folder in plan["folders"]} | {plan["packages"]: "/packages", str(HERE): "/grader"}
    for source, place in shown.items():
        show(source, root / place.lstrip("/"))
    (root / "dev").mkdir(exist_ok=True)
    for device in ("null", "zero", "urandom", "random"):
        (root / "dev" / device).touch()
        libc("mount", f"/dev/{device}", str(root / "dev" / device), None, MS_BIND, None)
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    (root / "notebook").mkdir()
    os.chown(root / "notebook", owner, owner if user == 0 else group)
    os.chroot(root)
    return "/notebook", "/packages", "/grader/student_process.py"


def show(source, place):
    """Make a file or folder of the machine appear in the room, read-only. A link stays a link."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if os.path.islink(source) and not os.path.isabs(os.readlink(source)):
        os.symlink(os.readlink(source), place)
        return
    place.mkdir(exist_ok=True) if os.path.isdir(source) else place.touch()
    if source == str(HERE):  # of the grader, the room has student_process.py alone
        (place / "student_process.py").write_bytes((HERE / "student_process.py").read_bytes())
        return
    libc("mount", source, str(place), None, MS_BIND, None)
    libc("mount", "none", str(place), None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID, None)


def limit(limits):
    for name, value in (
        ("RLIMIT_CPU", limits["cpu"]),
        ("RLIMIT_AS", limits["memory"]),
        ("RLIMIT_FSIZE", limits["file"]),
        ("RLIMIT_NOFILE", limits["files"]),
        ("RLIMIT_CORE", 0),
    ):
        try:
            resource.setrlimit(getattr(resource, name), (value, value))
        except (ValueError, OSError):  # macOS does not limit memory
            pass
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then a file that grows too large is an OSError


def become_nobody(limits):
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        resource.setrlimit(resource.RLIMIT_NPROC, (limits["processes"], limits["processes"]))
        os.setresuid(NOBODY, NOBODY, NOBODY)


def wait_for(child):
    """Wait until the child ends, and end as it ended. The namespace of processes dies with it."""
    for descriptor in (0, 1):
        os.close(descriptor)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0x7F)


def enter(plan):
    """Close the room around this process; return the program that is to run in it, and its environment."""
    home, packages, program = plan["home"], plan["packages"], str(HERE / "student_process.py")
    if plan["kind"] == "closed":
        home, packages, program = build(plan)
        child = os.fork()  # the first process of the new namespace
        if child:
            wait_for(child)
        libc("prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    limit(plan["limits"])
    if plan["kind"] != "limits":
        become_nobody(plan["limits"])
        libc("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.umask(0o077)
    os.chdir(home)
    places = {"HOME": home, "TMPDIR": home, "PYTHONPATH": packages, "MPLCONFIGDIR": home + "/.mpl"}
    return program, ENVIRONMENT | places


if __name__ == "__main__":
    plan = json.loads(sys.argv[1])
    program, environment = enter(plan)
    os.execve(plan["python"], [plan["python"], "-B", "-s", program], environment)
