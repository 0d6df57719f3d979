import type { Kysely } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import { canonicalJson } from '../domain/json.js';
import { modelPolicy, type ModelPolicy } from '../domain/model.js';
import type { Ledger, View } from './audit.js';
import type { AliasMove, MoveKind, Store } from './contract.js';
import type { Tables } from './sql/migrations.js';
import { notFound } from './records.js';

/** A model that nobody set a policy for: its gate counts, approval is not asked for. */
const DEFAULT_POLICY: ModelPolicy = { approvalRequired: false, gateRequired: true };

type MoveRow = Tables['alias_move'];
type AliasStore = Pick<
	Store,
	'moveAlias' | 'alias' | 'aliases' | 'aliasHistory' | 'aliasAt' | 'policy' | 'setPolicy' | 'archive' | 'archived'
>;

const moveOf = (row: MoveRow): AliasMove => ({
	seq: row.seq,
	model: row.model,
	alias: row.alias,
	from: row.from_version,
	to: row.to_version,
	at: row.at,
	actor: row.actor,
	...(row.reason === null ? {} : { reason: row.reason }),
	...(row.kind === null ? {} : { kind: row.kind as MoveKind }),
});

/** What the audit chain says about a move; `verify` compares it with the row. */
export const moveFacts = (row: Pick<MoveRow, 'alias' | 'from_version' | 'to_version' | 'reason' | 'kind'>): Record<string, unknown> => ({
	alias: row.alias,
	from: row.from_version,
	to: row.to_version,
	...(row.reason === null ? {} : { reason: row.reason }),
	...(row.kind === null ? {} : { kind: row.kind }),
});

function newestMove(db: Kysely<Tables>, model: string, alias: string, until?: string): Promise<MoveRow | undefined> {
	let query = db.selectFrom('alias_move').selectAll().where('model', '=', model).where('alias', '=', alias).orderBy('seq', 'desc').limit(1);
	if (until !== undefined) query = query.where('at', '<=', until);
	return query.executeTakeFirst();
}

async function current(db: Kysely<Tables>, model: string): Promise<Record<string, number>> {
	const moves = await db.selectFrom('alias_move').select(['alias', 'to_version']).where('model', '=', model).orderBy('seq').execute();
	const aliases = new Map<string, number>();
	for (const { alias, to_version } of moves) {
		if (to_version === null) aliases.delete(alias);
		else aliases.set(alias, to_version);
	}
	return Object.fromEntries([...aliases].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isArchived = async (db: Kysely<Tables>, model: string, version: number): Promise<boolean> =>
	(await db.selectFrom('archived').select('version').where('model', '=', model).where('version', '=', version).executeTakeFirst()) !==
	undefined;

async function expectVersion(db: Kysely<Tables>, model: string, version: number): Promise<void> {
	const row = await db
		.selectFrom('record')
		.select('id')
		.where('kind', '=', 'modelVersion')
		.where('name', '=', model)
		.where('version', '=', version)
		.executeTakeFirst();
	if (!row) throw notFound(`Version ${version} of the model "${model}"`);
}

const aliasMoves = (view: View, ledger: Ledger): Pick<AliasStore, 'moveAlias' | 'alias' | 'aliases' | 'aliasHistory' | 'aliasAt'> => ({
	async moveAlias(model, alias, version, { actor, reason, kind, expect }) {
		return await ledger.change(async (db, append) => {
			const from = (await newestMove(db, model, alias))?.to_version ?? null;
			if (expect !== undefined && expect !== from) {
				throw new MlopsError(
					'store.conflict',
					`The alias "${alias}" of the model "${model}" was moved by someone else meanwhile: it points to ${said(from)}, not to ` +
						`${said(expect)}.`,
					{
						expected: said(expect),
						found: said(from),
						remedy: 'Look at what is deployed now and run again.',
					},
				);
			}
			const row = { model, alias, from_version: from, to_version: version, actor, reason: reason ?? null, kind: kind ?? null };
			if (version === from) return moveOf({ ...row, seq: 0, at: new Date().toISOString() });
			if (version !== null) {
				await expectVersion(db, model, version);
				if (await isArchived(db, model, version)) {
					throw new MlopsError('store.conflict', `Version ${version} of the model "${model}" is archived, so no alias can point to it.`, {
						remedy: 'Choose another version, or register this model again.',
					});
				}
			}
			const event = await append({ actor, action: 'alias.moved', subject: model, details: moveFacts(row) });
			const stored = { ...row, seq: event.seq, at: event.at };
			await db.insertInto('alias_move').values(stored).execute();
			return moveOf(stored);
		});
	},
	alias: async (model, alias) => (await newestMove(view.read, model, alias))?.to_version ?? null,
	aliases: (model) => current(view.read, model),
	async aliasHistory(model, alias, { until, before, after, limit, oldest = false } = {}) {
		let query = view.read
			.selectFrom('alias_move')
			.selectAll()
			.where('model', '=', model)
			.orderBy('seq', oldest ? 'asc' : 'desc');
		if (alias !== undefined) query = query.where('alias', '=', alias);
		if (until !== undefined) query = query.where('at', '<=', until);
		if (before !== undefined) query = query.where('seq', '<', before);
		if (after !== undefined) query = query.where('seq', '>', after);
		if (limit !== undefined) query = query.limit(limit);
		return (await query.execute()).map(moveOf);
	},
	async aliasAt(model, alias, at) {
		const moment = new Date(at);
		if (Number.isNaN(moment.getTime()))
			throw new MlopsError('input.invalid', `"${at}" is no moment.`, { expected: 'a date and time such as 2026-01-31T14:03:00Z' });
		return (await newestMove(view.read, model, alias, moment.toISOString()))?.to_version ?? null;
	},
});

const policies = (view: View, ledger: Ledger): Pick<AliasStore, 'policy' | 'setPolicy'> => ({
	async policy(model) {
		const row = await view.read.selectFrom('policy').select('policy').where('model', '=', model).executeTakeFirst();
		return row ? modelPolicy.parse(JSON.parse(row.policy)) : { ...DEFAULT_POLICY };
	},
	async setPolicy(model, policy, actor, reason) {
		const text = canonicalJson(modelPolicy.parse(policy));
		await ledger.change(async (db, append) => {
			const before = await db.selectFrom('policy').select('policy').where('model', '=', model).executeTakeFirst();
			if (before?.policy === text) return;
			await append({
				actor,
				action: 'policy.changed',
				subject: model,
				details: { policy: JSON.parse(text) as ModelPolicy, ...(reason === undefined ? {} : { reason }) },
			});
			await db
				.insertInto('policy')
				.values({ model, policy: text })
				.onConflict((c) => c.column('model').doUpdateSet({ policy: text }))
				.execute();
		});
	},
});

const archive = (view: View, ledger: Ledger): Pick<AliasStore, 'archive' | 'archived'> => ({
	async archive(model, version, actor, reason) {
		await ledger.change(async (db, append) => {
			await expectVersion(db, model, version);
			if (await isArchived(db, model, version)) return;
			const [alias] = Object.entries(await current(db, model)).find(([, at]) => at === version) ?? [];
			if (alias !== undefined) {
				throw new MlopsError(
					'store.conflict',
					`Version ${version} of the model "${model}" cannot be archived while the alias "${alias}" points to it.`,
					{ remedy: 'Move the alias to another version first.' },
				);
			}
			const event = await append({
				actor,
				action: 'model.archived',
				subject: model,
				details: { version, ...(reason === undefined ? {} : { reason }) },
			});
			await db.insertInto('archived').values({ model, version, seq: event.seq }).execute();
		});
	},
	async archived(model) {
		return (await view.read.selectFrom('archived').select('version').where('model', '=', model).orderBy('version').execute()).map(
			(r) => r.version,
		);
	},
});

export const createAliases = (view: View, ledger: Ledger): AliasStore => ({
	...aliasMoves(view, ledger),
	...policies(view, ledger),
	...archive(view, ledger),
});

const said = (version: number | null): string => (version === null ? 'nothing' : `version ${version}`);
