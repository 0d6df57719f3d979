import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Import before the engine: n8n's own logger then writes lines from `info` up to this file. */
export const logFolder = mkdtempSync(join(tmpdir(), 'mlops-log-'));
export const logFile = join(logFolder, 'n8n.log');
process.env.N8N_LOG_LEVEL = 'info';
process.env.N8N_LOG_OUTPUT = 'file';
process.env.N8N_LOG_FILE_LOCATION = logFile;
