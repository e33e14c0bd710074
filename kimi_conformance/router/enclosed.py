"""Becomes a router that has a network of its own: nothing but loopback is there, and names lead to it.

Run by path, as `python -I -S enclosed.py CHANNEL FOLDER COMMAND…`: it imports nothing of ours. `namespace` is its other
end. CHANNEL is the path of a socket; over it goes one message that says whether this machine allows it, and then what
sockets are asked for: `connect` for one that can call the router, `PORT` for one that listens there, `udp PORT` for one
that takes datagrams there. A process of its own makes them, for as long as the channel is open; at `go` the command
begins. In FOLDER lie the files that it finds in /etc, as far as this machine has such files.
"""

# It stands by itself; pathlib is left out for its import time.
# ruff: noqa: PTH110, PTH123
from __future__ import annotations

import array
import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys

NEWNS, NEWUSER, NEWNET = 0x00020000, 0x10000000, 0x40000000  # linux/sched.h
BIND, REC, PRIVATE = 4096, 16384, 1 << 18  # linux/mount.h
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1  # linux/sockios.h, linux/if.h
BACKLOG = 1024
NEEDED, WHERE_THERE = "hosts", ("resolv.conf", "nsswitch.conf")  # without a resolv.conf 127.0.0.1 is asked, too


def enter(folder: str) -> None:
    """Leave the network of this machine. Raises `OSError` where that is not allowed."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(NEWNET | NEWNS) and libc.unshare(NEWUSER | NEWNET | NEWNS):
        raise _error()
    if not _is_mapped():
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_:
        asked = fcntl.ioctl(any_, GET_FLAGS, struct.pack("16sh14x", b"lo", 0))
        (flags,) = struct.unpack_from("h", asked, 16)
        fcntl.ioctl(any_, SET_FLAGS, struct.pack("16sh14x", b"lo", flags | UP))
    if libc.mount(None, b"/", None, REC | PRIVATE, None):
        raise _error()
    for name in (NEEDED, *(name for name in WHERE_THERE if os.path.exists(f"/etc/{name}"))):
        if libc.mount(f"{folder}/{name}".encode(), f"/etc/{name}".encode(), None, BIND, None):
            raise _error()


def refused(folder: str) -> int:
    """Why this machine does not allow it, as an error's number; 0 where it does.

    Another process tries: who is refused half-way has lost the old network and has no new one.
    """
    trying = os.fork()
    if not trying:
        try:
            enter(folder)
        except OSError as error:
            os._exit(error.errno or errno.EPERM)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(trying, 0)[1])


def make_sockets(channel: socket.socket, waiting: int) -> None:
    """Make what is asked for until the other end has gone. `waiting` is closed at `go`."""
    while asked := channel.recv(16):
        if asked == b"go":
            os.close(waiting)
            continue
        *datagrams, port = asked.split()
        with socket.socket(type=socket.SOCK_DGRAM if datagrams else socket.SOCK_STREAM) as made:
            try:
                if asked != b"connect":
                    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    made.bind(("127.0.0.1", int(port)))
                    if not datagrams:
                        made.listen(BACKLOG)
            except OSError as error:
                channel.send(os.strerror(error.errno or 0).encode())
                continue
            descriptor = array.array("i", [made.fileno()])
            channel.sendmsg([b"here"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor)])


def stay_behind(channel: socket.socket) -> int:
    """Leave a process that makes sockets, and return what ends when the command may begin.

    The process is nobody's child, so that the router does not find one that it never made.
    """
    until, waiting = os.pipe()
    first = os.fork()
    if first:
        os.close(waiting)
        os.waitpid(first, 0)
        return until
    os.close(until)
    if os.fork() == 0:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        make_sockets(channel, waiting)
    os._exit(0)


def main(path: str, folder: str, command: list[str]) -> None:
    """Enter, say so, leave the maker of sockets behind, and become the command."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    channel.connect(path)
    if number := refused(folder):
        channel.send(f"not allowed: {os.strerror(abs(number))}".encode())
    else:
        enter(folder)
        until = stay_behind(channel)
        channel.send(b"entered")
        os.read(until, 1)
        os.close(until)
    channel.close()
    os.execvp(command[0], command)  # noqa: S606 - the command is the user's own


def _is_mapped() -> bool:
    """Whether this process still has the users that it had before."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return bool(file.read().strip())


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
