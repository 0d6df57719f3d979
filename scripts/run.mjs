#!/usr/bin/env node
// Every npm script comes here. Nothing needs to be installed before: not even Node 24.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { asksForHelp, help, helpText } from './help.mjs';
import { findNode, handOver, isRecentNode } from './node24.mjs';

const say = (text) => process.stderr.write(`${text}\n`);
const [command = 'help', ...args] = process.argv.slice(2);

if (!Object.hasOwn(help, command) || asksForHelp(command, args)) {
	// Told at once: nobody should have to wait for packages to learn what a command does.
	say(helpText(command));
	process.exitCode = Object.hasOwn(help, command) || ['help', '--help', '-h'].includes(command) ? 0 : 2;
} else if (!isRecentNode()) {
	handOver(findNode(say), fileURLToPath(import.meta.url), [command, ...args]);
} else {
	const { commands } = await import('./commands.mts');
	try {
		process.exitCode = (await commands[command](args, say)) ?? 0;
	} catch (error) {
		say(`\n${process.env.DEBUG ? error.stack : error.message}`);
		process.exitCode = 1;
	}
}
