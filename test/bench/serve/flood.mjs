// autocannon in a process of its own, so that it does not share the benchmark's thread: `flood.mjs OPTIONS.json` prints its result.
import fs from 'node:fs';
import process from 'node:process';
import autocannon from 'autocannon';

process.stdout.write(JSON.stringify(await autocannon(JSON.parse(fs.readFileSync(process.argv[2], 'utf8')))));
