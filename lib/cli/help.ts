import { commonOptions, optionsOf, type Option } from './options.js';
import type { Command } from './contract.js';

const WIDTH = 100;

/** What `mlops --help` prints. */
export function programHelp(commands: readonly Command[], version: string): string {
	const widest = Math.max(...commands.map(({ name }) => name.length));
	return [
		`mlops ${version}: the MLOps nodes of n8n on the command line, over the same store.`,
		'',
		'Usage: mlops COMMAND [options]',
		'',
		...commands.map(({ name, does }) => `  ${name.padEnd(widest)}  ${does}`),
		'',
		'mlops COMMAND --help says which options a command has. Those that all have:',
		'',
		...lines(optionsOf(commonOptions)),
		'',
		'Ends with 0 when the work is done, 1 when it failed, 2 when it was called wrongly, 3 when the answer is no (a gate not',
		'passed, data that drifted), 130 when it was stopped by Ctrl-C.',
		'',
	].join('\n');
}

/** What `mlops COMMAND --help` prints. */
export function commandHelp(command: Command): string {
	const { does, examples = [] } = command;
	const own = optionsOf(command.options);
	return [
		does,
		'',
		`Usage: ${usage(command)}`,
		'',
		...(own.length ? [...lines(own), ''] : []),
		'Options of all commands:',
		'',
		...lines(optionsOf(commonOptions)),
		'',
		...(examples.length ? ['For example:', '', ...examples.map((line) => `  ${line}`), ''] : []),
	].join('\n');
}

/** `mlops train --dataset TEXT --target TEXT [options]` */
export function usage(command: Command): string {
	const { args = [] } = command;
	const options = optionsOf(command.options);
	const positional = args.map((key) => {
		const { value, required } = options.find((o) => o.key === key)!;
		return required ? value : `[${value}]`;
	});
	const required = options.filter((o) => o.required && !args.includes(o.key)).map((o) => `--${o.flag} ${o.value}`);
	return ['mlops', command.name, ...positional, ...required, '[options]'].join(' ');
}

/** What a person may write for an option: its choices, and what holds when nothing is written. */
export function remarks({ choices, fallback, form, required }: Option): string[] {
	const shown = typeof fallback === 'object' ? JSON.stringify(fallback) : String(fallback);
	const silent = fallback === undefined || fallback === '' || fallback === false || shown === '[]' || shown === '{}';
	return [
		...(choices ? [choices.filter(Boolean).join(', ')] : []),
		...(form === 'list' ? ['may be given several times'] : []),
		...(required ? ['required'] : silent ? [] : [`default: ${form === 'switch' ? 'on' : shown}`]),
	];
}

function lines(options: readonly Option[]): string[] {
	const names = options.map(
		(o) => `--${o.form === 'switch' && o.fallback === true ? `[no-]${o.flag}` : o.flag}${o.value ? ` ${o.value}` : ''}`,
	);
	const left = Math.min(30, Math.max(...names.map((n) => n.length))) + 4;
	return options.flatMap((option, i) => {
		const said = remarks(option);
		const words = `${option.description}${said.length ? ` (${said.join('; ')})` : ''}`.split(/\s+/);
		const wrapped: string[] = [''];
		for (const word of words) {
			if (left + wrapped.at(-1)!.length + word.length > WIDTH) wrapped.push('');
			wrapped.push(`${wrapped.pop()!}${word} `);
		}
		const head = `  ${names[i]}`;
		const [first, ...more] = wrapped.map((line) => line.trimEnd());
		const indent = ' '.repeat(left);
		return head.length < left
			? [head.padEnd(left) + first, ...more.map((l) => indent + l)]
			: [head, ...[first, ...more].map((l) => indent + l)];
	});
}
