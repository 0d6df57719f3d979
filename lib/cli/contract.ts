import { type z } from 'zod/v4';
import type { Session } from '../app/session.js';
import type { Context } from '../domain/progress.js';
import type { StoreRef } from '../domain/storeRef.js';

/** How the program ends. */
export const EXIT = {
	done: 0,
	/** The work failed: the error says why. */
	failed: 1,
	/** Called in a way that it does not know: an option, a value, a missing argument. */
	usage: 2,
	/** The work is done, and the answer is no: a gate not passed, data that drifted. */
	no: 3,
	/** Stopped by Ctrl-C or by the system, after tidying up. */
	stopped: 130,
} as const;

/** What a command works with. */
export interface Desk {
	/** Opens the store that the options name, when first asked for; closed after the command. */
	session(): Promise<Session>;
	/** The store that the options name. @throws `store.queue_mode` */
	ref(): StoreRef;
	/** Progress and notes go to stderr; the signal says that a person pressed Ctrl-C. */
	context: Context;
}

export interface Answer {
	/** What `--json` prints. */
	json: unknown;
	/** What is printed otherwise. */
	text: string;
	/** Unless 0. */
	exit?: number;
}

/**
 * One command: one file in `commands/`, listed in `commands/index.ts`. The schema is the only description of its options: help, parsing
 * and the reference page are made from it (`options.ts`). A key `positiveClass` is the option `--positive-class`; text, numbers and
 * choices take one value, booleans none (`--no-refit` says no), lists of texts may be given several times, and all else is JSON.
 */
export interface Command<S extends z.ZodObject = z.ZodObject> {
	/** One word, or two: `job run`. */
	name: string;
	/** What it does, a sentence for people. */
	does: string;
	/** Keys of `options` that are given without a name, in this order. */
	args?: ReadonlyArray<keyof z.infer<S> & string>;
	options: S;
	/** Lines of a shell that show it at work. */
	examples?: readonly string[];
	run(options: z.infer<S>, desk: Desk): Promise<Answer>;
}

export const defineCommand = <S extends z.ZodObject>(command: Command<S>): Command =>
	// Options reach `run` only after its own schema.
	command as unknown as Command;
