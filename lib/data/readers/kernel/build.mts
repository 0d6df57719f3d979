// Builds cells.wasm with AssemblyScript.
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const folder = import.meta.dirname;
const asc = path.join(path.dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin/asc.js');
const made = path.join(folder, `cells.${process.pid}.tmp.wasm`);
const source = path.join(folder, 'assembly/cells.ts');
const how = ['-O3', '--converge', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--enable', 'simd', '--initialMemory', '80'];
await promisify(execFile)(process.execPath, [asc, source, '-o', made, ...how]);
await fs.rename(made, path.join(folder, 'cells.wasm'));
