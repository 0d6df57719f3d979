"""Runs a command to its end and says what it took: measure.py <command...> prints one JSON object."""
import json
import resource
import subprocess
import sys
import time

began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
seconds = time.perf_counter() - began
# Of the command and all that it started and waited for; the peak is that of the largest of them.
used = resource.getrusage(resource.RUSAGE_CHILDREN)
lines = done.stdout.decode().strip().splitlines()
print(json.dumps({
    'status': done.returncode,
    'seconds': seconds,
    'cpu': used.ru_utime + used.ru_stime,
    'peak': used.ru_maxrss * (1 if sys.platform == 'darwin' else 1024),
    'said': lines[-1] if lines else '',
}))
