// autocannon in a process of its own, so that it does not share the benchmark's thread: `flood.mts OPTIONS.json` prints its result.
import fs from 'node:fs';
import process from 'node:process';
// @ts-expect-error It is published without types.
import untyped from 'autocannon';

const autocannon = untyped as (options: unknown) => Promise<unknown>;
process.stdout.write(JSON.stringify(await autocannon(JSON.parse(fs.readFileSync(process.argv[2], 'utf8')))));
