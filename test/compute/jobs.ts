import { z } from 'zod/v4';

// What the tests ask the fixture for: ids and schemas alone, so that no test runs a job in its own process by mistake.
const nothing = z.object({});
const run = (): Promise<never> => Promise.reject(new Error('this runs in the child'));

export const add = { id: 'add', input: z.object({ a: z.number(), b: z.number() }), output: z.object({ sum: z.number() }), run };
export const echo = { id: 'echo', input: z.object({ text: z.string() }), output: z.object({ text: z.string() }), run };
export const chat = { id: 'chat', input: nothing, output: z.object({ threads: z.number(), memoryBytes: z.number() }), run };
export const fail = { id: 'fail', input: z.object({ typed: z.boolean() }), output: nothing, run };
export const spin = { id: 'spin', input: z.object({ polite: z.boolean() }), output: nothing, run };
export const allocate = { id: 'allocate', input: z.object({ megabytes: z.number() }), output: z.object({ bytes: z.number() }), run };
export const build = { id: 'build', input: nothing, output: nothing, run };
export const dig = { id: 'dig', input: nothing, output: nothing, run };
export const whereAmI = {
	id: 'whereAmI',
	input: nothing,
	output: z.object({ pid: z.number(), execArgv: z.array(z.string()), nice: z.array(z.number()) }),
	run,
};
export const leave = { id: 'leave', input: nothing, output: nothing, run };
export const silent = { id: 'silent', input: nothing, output: z.object({ right: z.boolean() }), run };
export const unknown = { id: 'unknown', input: nothing, output: nothing, run };
