"""Runs a command on a pseudo-terminal, as a person at a keyboard would.

Reads JSON from standard input: {"argv": [...], "cwd": ..., "env": {...}, "stderr": path or null,
"keys": [[text, keys], ...]}. Each time `text` has appeared on the screen, `keys` are typed; null instead of keys sends
SIGINT to the process from outside. Prints {"code": exit code, "screen": all that was shown}.
Gives up after a minute without output.
"""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios

SILENCE = 60


def main():
    task = json.load(sys.stdin)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(task["cwd"])
        if task.get("stderr"):
            os.dup2(os.open(task["stderr"], os.O_WRONLY | os.O_CREAT), 2)
        os.execvpe(task["argv"][0], task["argv"], task["env"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    screen, keys, seen = b"", list(task["keys"]), 0
    while True:
        ready, _, _ = select.select([terminal], [], [], SILENCE)
        if not ready:
            os.kill(child, signal.SIGKILL)
            screen += b"\n[gave up: nothing was shown for a minute]"
            break
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        screen += part
        while keys and (at := screen.find(keys[0][0].encode(), seen)) >= 0:
            text, typed = keys.pop(0)
            seen = at + len(text)
            if typed is None:
                os.kill(child, signal.SIGINT)
            else:
                os.write(terminal, typed.encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps({"code": code, "screen": screen.decode(errors="replace")}))


main()
