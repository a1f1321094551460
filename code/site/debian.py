"""Debian's packages, where we may install them."""

import os
import shutil
import subprocess


def install(*packages: str) -> None:
    """Install packages if this is Debian and we are root; else do nothing: the caller says what is missing."""
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return
    print("Installing", *packages, flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    patient = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=600"]  # another installation may be at work
    subprocess.run([*patient, "update"], **quiet)
    subprocess.run([*patient, "install", "-y", "--no-install-recommends", *packages], **quiet)
