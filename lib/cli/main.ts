import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import { packageVersion } from '../app/codeVersion.js';
import { closeEngines } from '../app/jobEngine.js';
import { sessionOn, type Session } from '../app/session.js';
import { MlopsError } from '../domain/errors.js';
import type { StoreRef } from '../domain/storeRef.js';
import { resolveStore } from '../store/location.js';
import { openStore } from '../store/openStore.js';
import { commands } from './commands/index.js';
import { EXIT, type Answer, type Command, type Desk } from './contract.js';
import { commandHelp, programHelp } from './help.js';
import { readOptions, UsageError, type CommonOptions } from './options.js';
import { errorText, terminalContext } from './terminal.js';

/** Runs the program with what was typed behind its name. @returns how it ends, one of `EXIT` */
export async function main(typed: readonly string[]): Promise<number> {
	const [first] = typed;
	if (first === undefined) return print(programHelp(commands, packageVersion()), EXIT.usage, process.stderr);
	if (first === '--help' || first === '-h' || first === 'help') return print(programHelp(commands, packageVersion()), EXIT.done);
	if (first === '--version') return print(`${packageVersion()}\n`, EXIT.done);
	const command = commands.find(({ name }) => `${typed.join(' ')} `.startsWith(`${name} `));
	// Before its options could be read, nobody knows whether JSON was asked for.
	let json = typed.includes('--json');
	try {
		if (!command) throw unknownCommand(first);
		const { options, common } = readOptions(command, typed.slice(command.name.split(' ').length));
		json = common.json;
		if (common.help) return print(commandHelp(command), EXIT.done);
		const answer = await work(command, options, common);
		return print(common.json ? `${JSON.stringify(answer.json)}\n` : answer.text.replace(/\n*$/, '\n'), answer.exit ?? EXIT.done);
	} catch (thrown) {
		const error = MlopsError.from(thrown);
		if (json) process.stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message, ...error.details } })}\n`);
		if (error.code === 'compute.cancelled') return print('Stopped.\n', EXIT.stopped, process.stderr);
		return print(errorText(error), error instanceof UsageError ? EXIT.usage : EXIT.failed, process.stderr);
	}
}

function print(text: string, exit: number, stream: NodeJS.WriteStream = process.stdout): number {
	stream.write(text);
	return exit;
}

const unknownCommand = (name: string): UsageError =>
	new UsageError('input.invalid', `There is no command "${name}".`, {
		expected: commands.map((c) => c.name).join(', '),
		remedy: 'See: mlops --help',
	});

/** Runs one command, with a store that is opened when the command asks for it, and with Ctrl-C. */
async function work(command: Command, options: Record<string, unknown>, common: CommonOptions): Promise<Answer> {
	const stop = new AbortController();
	const onSignal = (): void => {
		// Who presses it a second time does not want to wait.
		if (stop.signal.aborted) process.exit(EXIT.stopped);
		stop.abort();
	};
	process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
	const context = terminalContext(common.quiet, stop.signal);
	const ref = (): StoreRef => (common.home === undefined ? resolveStore() : { kind: 'folder', home: resolve(common.home) });
	let session: Session | undefined;
	const desk: Desk = {
		context,
		ref,
		session: async () => (session ??= sessionOn(await openStore(ref()), { context, actor: actor() })),
	};
	try {
		return await command.run(options, desk);
	} finally {
		context.clear();
		process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
		await closeEngines();
		await session?.store.close();
	}
}

/** The audit log's actor. */
function actor(): string {
	try {
		return `command line (${userInfo().username})`;
	} catch {
		// A container may run under a number that has no name.
		return `command line (user ${process.getuid?.() ?? 'unknown'})`;
	}
}
