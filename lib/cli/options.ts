import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { z } from 'zod/v4';
import { dictionary, own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { parseJson } from '../domain/json.js';
import { fieldMeta, optionFlag, unwrap } from '../domain/ui.js';
import type { Command } from './contract.js';

/** Options that every command has. */
export const commonOptions = z.object({
	home: z.string().optional().meta({
		description:
			"The store's folder; else the store that MLOPS_STORE_URL or MLOPS_HOME names, else the folder mlops inside n8n's own (~/.n8n/mlops)",
		placeholder: 'DIR',
	}),
	json: z.boolean().default(false).meta({ description: 'Print one JSON object: the item that the node would give' }),
	quiet: z.boolean().default(false).meta({ description: 'Say nothing of progress and notes' }),
	help: z.boolean().default(false).meta({ description: 'Say what the command does and which options it has' }),
});
export type CommonOptions = z.infer<typeof commonOptions>;

/** How an option is written: with one value, without one, several times, as JSON, or as a name or JSON. */
type Form = 'text' | 'name' | 'number' | 'choice' | 'switch' | 'list' | 'json';

export interface Option {
	/** Its key in the schema. */
	key: string;
	/** How it is typed, without the dashes. */
	flag: string;
	form: Form;
	choices?: readonly string[];
	fallback?: unknown;
	required: boolean;
	description: string;
	/** What stands for the value in help. */
	value: string;
}

/** The options that a schema describes, in its order. */
export function optionsOf(schema: z.ZodObject): Option[] {
	return Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, field]) => {
		const { inner, fallback } = unwrap(field);
		const meta = fieldMeta(field);
		const form = formOf(inner);
		const one = elementOf(inner) ?? inner;
		return {
			key,
			flag: optionFlag(key),
			form,
			...(one instanceof z.ZodEnum ? { choices: one.options as string[] } : {}),
			fallback,
			required: !field.safeParse(undefined).success,
			description: meta.description ?? meta.title ?? '',
			value:
				meta.placeholder ?? { text: 'TEXT', name: 'NAME', number: 'N', choice: 'CHOICE', switch: '', list: 'TEXT', json: 'JSON' }[form],
		};
	});
}

function formOf(inner: z.ZodType): Form {
	if (inner instanceof z.ZodString) return 'text';
	// What has a name may be given whole, too.
	if (
		inner instanceof z.ZodUnion &&
		(inner.options as z.ZodType[]).some((one) => one instanceof z.ZodString || one instanceof z.ZodLiteral)
	)
		return 'name';
	if (inner instanceof z.ZodNumber) return 'number';
	if (inner instanceof z.ZodEnum) return 'choice';
	if (inner instanceof z.ZodBoolean) return 'switch';
	const one = elementOf(inner);
	if (one instanceof z.ZodString || one instanceof z.ZodEnum) return 'list';
	return 'json';
}

const elementOf = (inner: z.ZodType): z.ZodType | undefined =>
	inner instanceof z.ZodArray ? unwrap(inner.element as z.ZodType).inner : undefined;

/** Wrong use: exit code 2. */
export class UsageError extends MlopsError {}

const wrong = (command: Command | undefined, message: string, found?: string): UsageError =>
	new UsageError('input.invalid', message, { found, remedy: `See: mlops ${command ? `${command.name} ` : ''}--help` });

/** What must be given in one of several ways. @throws `UsageError` */
export function needed<T>(value: T | undefined, what: string, command: string): T {
	if (value !== undefined) return value;
	throw new UsageError('input.invalid', `${what} is missing.`, { remedy: `See: mlops ${command} --help` });
}

/** What was typed behind a command's name, read and checked by its schema. @throws `UsageError` naming the option */
export function readOptions(command: Command, typed: readonly string[]): { options: Record<string, unknown>; common: CommonOptions } {
	const schema = command.options.extend(commonOptions.shape);
	const known = optionsOf(schema);
	const { values, positionals } = parsed(command, typed, known);
	const given = dictionary<unknown>();
	for (const option of known) {
		const value = own(values as Record<string, unknown>, option.flag);
		if (value !== undefined) given[option.key] = valueOf(command, option, value);
	}
	const common = commonOptions.parse(given);
	if (common.help) return { options: {}, common };
	const { args = [] } = command;
	for (const [at, text] of positionals.entries()) {
		const key = args[at];
		if (key === undefined) throw wrong(command, `"${text}" was not expected here.`);
		const option = known.find((o) => o.key === key)!;
		if (given[key] !== undefined) throw wrong(command, `The option --${option.flag} is given twice.`);
		given[key] = valueOf(command, option, text);
	}
	const result = command.options.safeParse(given);
	if (result.success) return { options: result.data, common };
	const [issue] = result.error.issues;
	const option = known.find((o) => o.key === issue.path[0]);
	if (option?.required && given[option.key] === undefined)
		throw wrong(command, `${args.includes(option.key) ? option.value : `The option --${option.flag}`} is missing.`);
	const within = issue.path.length > 1 ? ` (${issue.path.slice(1).join(' > ')})` : '';
	throw wrong(command, `The option --${option?.flag ?? String(issue.path[0])}${within} is not as it should be: ${issue.message}.`);
}

function parsed(command: Command, typed: readonly string[], known: readonly Option[]) {
	const config: ParseArgsOptionsConfig = Object.fromEntries(
		known.map(({ flag, form }) => [
			flag,
			{ type: form === 'switch' ? 'boolean' : 'string', multiple: form === 'list', ...(flag === 'help' ? { short: 'h' } : {}) },
		]),
	);
	try {
		return parseArgs({ args: [...typed], options: config, allowPositionals: true, allowNegative: true, strict: true });
	} catch (thrown) {
		// Node explains how to write a name that begins with a dash, which nobody meant.
		throw wrong(command, MlopsError.from(thrown).message.replace(/\. To specify a positional argument .*$/s, '.'));
	}
}

function valueOf(command: Command, option: Option, value: unknown): unknown {
	if (typeof value !== 'string') return value;
	if (option.form === 'number') {
		const number = Number(value);
		if (value.trim() === '' || Number.isNaN(number)) throw wrong(command, `The option --${option.flag} needs a number.`, value);
		return number;
	}
	if (option.form !== 'json' && !(option.form === 'name' && /^[[{]/.test(value))) return value;
	try {
		// A password has no place in a command's own line, which others see.
		return parseJson(value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value);
	} catch (thrown) {
		throw wrong(
			command,
			`The option --${option.flag} needs JSON, or @ and the name of a file that holds it: ${MlopsError.from(thrown).message}.`,
			value,
		);
	}
}
