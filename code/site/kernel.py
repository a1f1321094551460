"""Running a notebook as nbclient does, but without waiting for what has come."""

from __future__ import annotations

import zmq
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from traitlets import Type

CELL_SECONDS = 300


class Channel(AsyncZMQSocketChannel):
    """A channel on which one may send while a message is waited for.

    nbclient does: it answers a cell's Output widgets while it waits for the cell to end. ZeroMQ tells once that
    something has come, sending takes that news away, and nbclient would sleep until its time is over
    (jupyter/nbclient#312). So who sends has to ask again: ZMQ_FD in zmq_getsockopt(3).
    """

    def send(self, msg):
        super().send(msg)
        self.socket.get(zmq.EVENTS)  # wakes whoever waits for what is there


class Client(AsyncKernelClient):
    shell_channel_class = Type(Channel)


class Manager(AsyncKernelManager):
    client_factory = Type(Client)


def notebook_client(notebook, folder, **options) -> NotebookClient:
    """The client that runs a notebook in a folder."""
    return NotebookClient(
        notebook,
        kernel_manager_class=Manager,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        record_timing=False,
        # On a busy machine an output may come late. The default would wait for four seconds and go on without.
        iopub_timeout=CELL_SECONDS,
        raise_on_iopub_timeout=True,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        **options,
    )
