import { z } from 'zod/v4';
import { DEFAULT_DAYS, listKeys, makeKey, withdrawKey } from '../../app/apiKeys.js';
import { SCOPES } from '../../domain/apiKey.js';
import { lineText } from '../../domain/text.js';
import { defineCommand } from '../contract.js';
import { moment, textTable } from '../textTable.js';

const scopesText = 'predict asks models, feedback says what turned out to be true, read sees models and traffic, deploy moves aliases';

/** The key is all that goes to stdout, so that a script may take it from there; what is to know about it goes to stderr. */
export const keyMake = defineCommand({
	name: 'key make',
	does: 'Makes an API key of the model server and prints it, this one time: the store keeps its hash.',
	args: ['label'],
	options: z.object({
		label: z.string().meta({ description: 'What it is for', placeholder: 'LABEL' }),
		scope: z
			.array(z.enum(SCOPES))
			.default(['predict'])
			.meta({ description: `What it opens: ${scopesText}` }),
		model: z.array(z.string()).default([]).meta({ description: 'Only this registered model; else all', placeholder: 'NAME' }),
		expires: z
			.string()
			.default(`${DEFAULT_DAYS}d`)
			.meta({ description: 'Days (30d), a date and time (2030-01-31), or never', placeholder: 'WHEN' }),
	}),
	examples: ['mlops key make "shop, production" --scope predict --scope feedback --model churn --expires 30d'],
	async run({ label, scope, model, expires }, desk) {
		const session = await desk.session();
		const { key, made } = await makeKey(session, { label, scopes: scope, models: model, expiresAt: endOf(expires) });
		const registered = await session.store.names('modelVersion');
		for (const name of made.models ?? [])
			if (!registered.includes(name)) desk.context.note('key_model', `No model is registered as "${name}" yet.`);
		desk.context.note(
			'key_made',
			`Key ${made.id} (${made.scopes.join(', ')}; ${made.models ? made.models.join(', ') : 'all models'}) ` +
				`${made.expiresAt ? `is good until ${moment(made.expiresAt)} UTC` : 'has no end'}. It is not shown again.`,
		);
		return { json: { key, ...made }, text: key };
	},
});

export const keyList = defineCommand({
	name: 'key list',
	does: 'Lists the API keys of the model server, without the keys themselves: what they open, and which are used up.',
	options: z.object({}),
	async run(_, desk) {
		const keys = await listKeys((await desk.session()).store);
		const rows = keys.map((k) => [
			k.id,
			k.label,
			k.scopes.join(', '),
			k.models?.join(', ') ?? 'all',
			moment(k.madeAt),
			k.expiresAt ? moment(k.expiresAt) : 'never',
			k.state,
		]);
		return {
			json: keys,
			text: keys.length ? textTable(['Id', 'Label', 'Opens', 'Models', 'Made (UTC)', 'Ends (UTC)', 'State'], rows) : 'There are none.',
		};
	},
});

export const keyWithdraw = defineCommand({
	name: 'key withdraw',
	does: 'Withdraws an API key of the model server: within seconds it opens nothing any more. The audit log says who and why.',
	args: ['key'],
	options: z.object({
		key: z.string().meta({ description: 'Its id, or the key itself', placeholder: 'ID' }),
		reason: z.string().default('').meta({ description: 'Why, for the audit log' }),
	}),
	examples: ['mlops key withdraw 1f2e3d4c5b6a7988 --reason "it was in a repository"'],
	async run({ key, reason }, desk) {
		const gone = await withdrawKey(await desk.session(), key, reason);
		return {
			json: gone,
			text: `Key ${gone.id} ("${lineText(gone.label)}") was withdrawn on ${moment(gone.withdrawn!.at)} UTC by ${gone.withdrawn!.by}.`,
		};
	},
});

/** `30d` counts from now; all else is for the use case to read. */
function endOf(text: string): string {
	const [, days] = /^(\d{1,6})\s*d(?:ays?)?$/i.exec(text.trim()) ?? [];
	return days === undefined ? text : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
}
