"""What the peers' programs of all cases share."""
import json
import sys


def task():
    return json.loads(sys.argv[-1])


def answer(version, found, seconds=None):
    print(json.dumps({'version': version, 'found': found, **({} if seconds is None else {'seconds': seconds})}), flush=True)
