"""Serve the built site on this machine, called by `make serve`:  python code/site/serve.py _build/html 8000"""

import errno
import functools
import http.server
import sys


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # a page asks for more at once than the 5 that may wait by default
    allow_reuse_address = sys.platform != "win32"  # there it would share a port that is taken


def main(folder: str, port: str) -> None:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"PORT={port}: expected a number from 1 to 65535. For example: make serve PORT=8001")
    try:
        server = Server(("127.0.0.1", int(port)), functools.partial(Quiet, directory=folder))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"Port {port} is taken by another program (another `make serve`, perhaps). "
        else:
            reason = f"Port {port} cannot be used ({error.strerror}). "
        sys.exit(f"{reason}Choose another: make serve PORT={int(port) + 1 if int(port) > 1023 else 8001}")
    print(f"Serving http://127.0.0.1:{port}/ (Ctrl-C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main(*sys.argv[1:])
