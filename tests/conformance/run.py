"""Asks a client for the answer to each vector, and compares.

    python3 tests/conformance/run.py COMMAND [ARGUMENT...]

The command is a program of yours. It reads one JSON object a line, `{"kind": ..., "input": ...}`,
and writes one JSON value a line: its answer, or `null` for a kind that it does not have. Kinds,
inputs and answers are described in `sync/README.md`; `client.py` beside this file is such a program.
The run ends with a line of counts, and with 1 if an answer differed or no vector was answered.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path

VECTORS = Path(__file__).parent / "vectors.json"
# For all vectors together; a client that says nothing must not hold up a build.
SECONDS_MAX = 60


def main(command):
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stop = threading.Timer(SECONDS_MAX, client.kill)
    stop.start()
    passed, skipped, failed = 0, 0, 0
    for vector in vectors:
        try:
            asked = {"kind": vector["kind"], "input": vector["input"]}
            client.stdin.write(json.dumps(asked).encode() + b"\n")
            client.stdin.flush()
            answer = json.loads(client.stdout.readline())
        except (ValueError, OSError) as fault:
            print(f"{vector['name']}: no answer ({fault})")
            failed += 1
            break
        if answer is None:
            skipped += 1
        elif answer == vector["expected"]:
            passed += 1
        else:
            failed += 1
            print(f"{vector['name']}: {json.dumps(answer, ensure_ascii=False)}")
            print(f"    instead of {json.dumps(vector['expected'], ensure_ascii=False)}")
    stop.cancel()
    client.kill()
    client.wait()
    print(f"{passed} passed, {skipped} not answered, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
