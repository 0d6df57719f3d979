#!/usr/bin/env node
// Every npm script comes here. Nothing needs to be installed before: not even Node 24.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findNode, handOver, isRecentNode } from './node24.mjs';

const say = (text) => process.stderr.write(`${text}\n`);
const [command = 'help', ...args] = process.argv.slice(2);

if (!isRecentNode()) {
	handOver(findNode(say), fileURLToPath(import.meta.url), [command, ...args]);
} else {
	const { commands } = await import('./commands.mjs');
	const run = commands[command];
	if (!run) {
		say(`Usage: node scripts/run.mjs ${Object.keys(commands).join(' | ')}`);
		process.exit(command === 'help' ? 0 : 2);
	}
	try {
		process.exitCode = (await run(args, say)) ?? 0;
	} catch (error) {
		say(`\n${process.env.DEBUG ? error.stack : error.message}`);
		process.exitCode = 1;
	}
}
