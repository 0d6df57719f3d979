import { z } from 'zod/v4';
import { listRollouts, startAsked } from '../../app/calls/rolloutCall.js';
import { abortRollout, findRollout, promoteRollout, stepRollout } from '../../app/rollouts.js';
import { rolloutStatus } from '../../app/rolloutStatus.js';
import { truthReaderOf } from '../../app/truthReader.js';
import { own } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import { assertHome } from '../../store/home.js';
import type { MainState } from '../start.js';
import { cutText } from '../../domain/text.js';

const which = z.union([z.number().int(), z.string()], { error: 'it should be the number of a version, or an alias' });
const start = z.looseObject({ version: which });
const reason = z.string().max(2_000).optional();
/** What each change reads. Nothing is changed where a word is misspelt, or asks for what is not done here (a preview). */
const CHANGES = new Map<string, z.ZodObject>([
	['step', z.strictObject({ reason })],
	['abort', z.strictObject({ reason })],
	['promote', z.strictObject({ reason, version: z.number().int().optional(), override_reason: z.string().max(2_000).optional() })],
]);
const changeRead = z.object({ reason, version: z.number().optional(), override_reason: z.string().default('') });

const invalid = (message: string, expected?: string): MlopsError =>
	new MlopsError('input.invalid', message, {
		...(expected ? { expected } : {}),
		remedy: 'Send a JSON object with the fields that the documentation names.',
	});

function read<S extends z.ZodObject>(schema: S, given: unknown): z.output<S> {
	const parsed = schema.safeParse(given);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	const fields = issue.code === 'unrecognized_keys' ? Object.keys(schema.shape).join(', ') : undefined;
	throw invalid(`The body cannot be read: ${issue.path.join('.') || 'it'}: ${cutText(issue.message, 200)}.`, fields);
}

/** What listeners may ask about rollouts. None is read or changed in what is left open of a store whose folder is away. */
export const ROLLOUT_CALLS = {
	async rolloutList({ store }: MainState, params: unknown) {
		await assertHome(store.home);
		return { rollouts: await listRollouts({ store }, z.object({ model: z.string() }).parse(params).model) };
	},
	async rolloutStatus({ store }: MainState, params: unknown) {
		await assertHome(store.home);
		const record = (await findRollout(store, z.object({ model: z.string(), id: z.string() }).parse(params))).body;
		return (await rolloutStatus(store, record, await truthReaderOf(store, record))).rollout;
	},
	async rolloutStart({ store }: MainState, params: unknown) {
		await assertHome(store.home);
		const { model, actor, body: given } = z.object({ model: z.string(), actor: z.string(), body: z.unknown() }).parse(params);
		const { version, ...asked } = read(start, given);
		for (const name of ['name', 'model'])
			if ((own(asked, name) ?? model) !== model) throw invalid(`"${name}" names another model than the address.`, model);
		return await startAsked({ store, actor }, { ...asked, name: model, model: `${model}@${version}` });
	},
	async rolloutChange({ store }: MainState, params: unknown) {
		await assertHome(store.home);
		const at = z.object({ model: z.string(), id: z.string(), what: z.string(), actor: z.string(), body: z.unknown() }).parse(params);
		const change = CHANGES.get(at.what);
		if (!change)
			throw new MlopsError('serve.request_invalid', `A rollout has no "${cutText(at.what, 50)}".`, { expected: 'step, promote or abort' });
		const { reason: why, version, override_reason } = changeRead.parse(read(change, at.body));
		const request = { id: at.id, model: at.model, actor: at.actor, ...(why ? { reason: why } : {}) };
		if (at.what === 'step') return await stepRollout(store, request);
		if (at.what === 'abort') return await abortRollout(store, request);
		return await promoteRollout(store, { ...request, version, params: { override_reason } });
	},
};
