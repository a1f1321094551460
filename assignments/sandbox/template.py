"""The process whose forks are closed rooms: it has loaded NumPy and Matplotlib, most of what a room does at its start.

    python template.py FONTS      Matplotlib's list of fonts; standard input is the grader's socket

Each process that grades has one of its own (isolation.Template). It holds libraries and nothing else, and runs no line
of a submission. A fork is closed as a room that starts from nothing is (isolation.enter), and keeps no open file but
its two pipes. Messages are JSON:

    a plan, and with it two pipes      fork a room that reads from one and writes to the other; the answer is its number
    the number of a room               wait until it has ended
"""

import gc
import json
import os
import shutil
import socket
import sys
import tempfile

import isolation
import numpy.random
import student_process


def serve(grader):
    while True:
        text, pipes, _, _ = socket.recv_fds(grader, isolation.LONGEST_PLAN, 2)
        if not text:  # the grader has ended
            return
        if pipes:
            number = os.fork()
            if number == 0:
                try:
                    become_room(json.loads(text), *pipes)
                finally:
                    os._exit(1)
            for pipe in pipes:
                os.close(pipe)
        else:
            number, _ = os.waitpid(json.loads(text), 0)
        grader.send(json.dumps(number).encode())


def become_room(plan, questions, answers):
    """Close the room around this process, and be in it what a new Python would be."""
    os.setsid()
    os.dup2(questions, 0)
    os.dup2(answers, 1)
    os.closerange(3, 256)  # the pipes, under the numbers that they came with
    program, environment = isolation.enter(plan)
    environment["MPLCONFIGDIR"] = os.environ["MPLCONFIGDIR"]  # Matplotlib has kept that name
    os.environ.update(environment)
    tempfile.tempdir = None
    sys.argv[:] = [program]
    sys.path[:1] = [os.path.dirname(program), environment["PYTHONPATH"]]
    sys.path_importer_cache.clear()
    student_process.__file__ = program
    sys.modules["__main__"] = student_process
    for module in ("isolation", "student_process"):
        del sys.modules[module]
    numpy.random.seed()  # or all rooms would draw the same
    student_process.main()
    os._exit(0)


def main():
    # In /tmp, which a room has too, and where student_process.py puts the list for it.
    folder = tempfile.mkdtemp(prefix="matplotlib-", dir="/tmp")
    os.environ["MPLCONFIGDIR"] = folder
    try:
        if os.path.isdir(sys.argv[1]):
            shutil.copytree(sys.argv[1], folder, dirs_exist_ok=True)
        import matplotlib.pyplot  # noqa: F401
    except ImportError:
        pass  # a course may do without
    finally:
        shutil.rmtree(folder)
    gc.collect()
    gc.freeze()  # forks share what they do not change
    grader = socket.socket(fileno=0)
    grader.send(b"ready")
    serve(grader)


if __name__ == "__main__":
    main()
