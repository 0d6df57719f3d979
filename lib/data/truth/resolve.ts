import { DATED_ID, ID_MARGIN_MS, timeOfId } from '../../domain/answerId.js';
import type { LogKind } from '../../store/log/contract.js';
import { quoteName, quoteText, type Duck } from '../duck.js';
import { fillTable } from './fillTable.js';
import { GIVEN, SEEN, UNSEEN, type TruthLog } from './seenAnswers.js';
import { nameAsked, nameRequests, type AskedWith } from './requestIds.js';

/*
 * Which answer a truth is about, and which truth counts, as queries over the log's lines:
 *
 * - By id: the newest answer with this id; else the only one that was asked with this id of the caller's (requestIds.ts).
 * - By key: the last answer about this key at or before the time; without a time, at or before the moment when the truth was told, so that
 *   a later answer about the same customer does not take it over. Of several answers at that moment the last one by its id.
 * - A model narrows both. An answer that failed is none. Who answered unseen (a shadow) shares the truth of the answer that was seen.
 * - Of several truths about one answer the one told last counts; of those told in the same millisecond that of the later batch, and within
 *   a batch that whose text is greater. Null takes back.
 *
 * All of it is a pure function of the lines: the order in which they arrived changes nothing.
 */

/** A truth may be told before its answer reaches the log, but not days before it was given. */
const AHEAD_MS = 2 * 86_400_000;

/** An answer as what a truth is about: equal structs are the same answer, and a greater one is newer. */
const ANSWER = 'struct_pack("at" := "at", size := length(id), id := id, model := model)';

export const instantSql = (iso: string): string => `TIMESTAMP ${quoteText(iso.replace('T', ' ').replace('Z', ''))}`;

const relationSince = async (log: TruthLog, kind: LogKind, since: number | undefined): Promise<string> =>
	await log.relation(kind, since === undefined ? {} : { since: new Date(since).toISOString() });

/**
 * Pairs `about` of each line of `lines` (n, id, key, moment, model) with the answer it is about (a struct), where there is one among
 * `named` (id, key, model, at).
 */
const aboutSql = (lines: string, named: string): string => {
	const newest = `(SELECT key, model, "at", max(${ANSWER}) AS answer FROM ${named} WHERE key IS NOT NULL GROUP BY key, model, "at")`;
	const ofAny = `(SELECT key, "at", max(${ANSWER}) AS answer FROM ${named} WHERE key IS NOT NULL GROUP BY key, "at")`;
	return (
		`SELECT l.n, max(a.answer) AS answer FROM ${lines} l JOIN (SELECT id, model, ${ANSWER} AS answer FROM ${named}) a ON l.id = a.id ` +
		`WHERE l.model IS NULL OR l.model = a.model GROUP BY l.n ` +
		`UNION ALL SELECT l.n, a.answer FROM (FROM ${lines} WHERE id IS NULL AND model IS NOT NULL) l ` +
		`ASOF JOIN ${newest} a ON l.key = a.key AND l.model = a.model AND l.moment >= a."at" ` +
		`UNION ALL SELECT l.n, a.answer FROM (FROM ${lines} WHERE id IS NULL AND model IS NULL) l ` +
		`ASOF JOIN ${ofAny} a ON l.key = a.key AND l.moment >= a."at"`
	);
};

const LINES = `"at", id, key, coalesce(time, "at") AS moment, time IS NULL AS timeless, model, coalesce(truth, 'null') AS truth, batch`;
/** The truth that counts among those of one answer. */
const LAST = 'arg_max(truth, struct_pack("at" := l."at", batch := batch, truth := truth))';

/** The time that belongs to an address. */
const timeOf = 'CASE WHEN NOT timeless THEN moment END';
/**
 * What was said last (`before`) under the address of each truth that is told now (`asked`): its id, or its key and time, and its model.
 * Null equals null here: a truth of no time, or of any model, has the same address as another such one. One line an address is met, by
 * equalities alone: where truths without an id met all others without one, a hundred thousand told again took billions of comparisons.
 */
const saidSql =
	`WITH last AS (SELECT id, CASE WHEN id IS NULL THEN key END AS key, CASE WHEN id IS NULL THEN ${timeOf} END AS time, model, ` +
	`${LAST} AS truth FROM before l GROUP BY 1, 2, 3, 4) ` +
	'SELECT a.n, l.truth FROM asked a JOIN last l ON a.id = l.id AND a.model IS NOT DISTINCT FROM l.model UNION ALL ' +
	`SELECT a.n, l.truth FROM (SELECT n, key, model, ${timeOf} AS time FROM asked WHERE id IS NULL) a JOIN (FROM last WHERE id IS NULL) l ` +
	'ON a.key = l.key AND a.model IS NOT DISTINCT FROM l.model AND a.time IS NOT DISTINCT FROM l.time';

/** A truth that is about to be told. Times in milliseconds. */
export interface AskedTruth {
	id?: string;
	key?: string;
	time?: number;
	/** When it is told. */
	told: number;
	model?: string;
}

/** What the log knows of it. */
export interface KnownTruth {
	/** The answer it is about, if that is in the log. */
	answer?: { id: string; at: string; model: string; digest: string };
	/** What counts for this answer now, as JSON, and when that was told (ms). */
	current?: string;
	currentAt?: number;
	/** What was last said of the same id, or of the same key and time, as JSON. */
	saidOf?: string;
	/** Models that answered about the key, where no model is named. */
	models: string[];
}

const MOST_TRIES = 5;

/**
 * What is asked here takes several looks at the log. Segments that were removed for their age or size between them are gone: then what is
 * left is looked at anew, as who asks the moment after would.
 */
async function whileKept<T>(log: TruthLog, look: () => Promise<T>): Promise<T> {
	const all = async (): Promise<string> => `${await log.relation('answers')} ${await log.relation('truth')}`;
	for (let tries = 1; ; tries++) {
		const before = await all();
		try {
			return await look();
		} catch (error) {
			if (tries >= MOST_TRIES || (await all()) === before) throw error;
		}
	}
}

const COLUMNS = 'id, key, model, "at", digest';

interface Row {
	n: number;
	id: string | null;
	at: string | null;
	model: string | null;
	digest: string | null;
	current: string | null;
	current_at: string | null;
	said: string | null;
	models: string | null;
}

/**
 * Looks up what the log knows of each, in their order.
 * @param meant hears of those whose id is no answer's, but the caller's own of answers that were asked with it; gives the id of the answer
 * that is meant, if one is
 */
export async function lookUpTruths(
	duck: Duck,
	log: TruthLog,
	given: readonly AskedTruth[],
	meant?: (n: number, of: readonly AskedWith[]) => string | undefined,
): Promise<KnownTruth[]> {
	return await whileKept(log, async () => await lookUp(duck, log, given, meant));
}

async function lookUp(
	duck: Duck,
	log: TruthLog,
	given: readonly AskedTruth[],
	meant: (n: number, of: readonly AskedWith[]) => string | undefined = () => undefined,
): Promise<KnownTruth[]> {
	if (given.length === 0) return [];
	await tableOf(duck, given);
	let dated = datedIds(given);
	let answers = await log.relation('answers', dated && { ids: dated.ids });
	const mine = ['id IN (SELECT id FROM asked)', 'key IN (SELECT key FROM asked WHERE id IS NULL)'];
	const wanted = mine.filter((_, i) => given.some(({ id }) => (id === undefined) === (i === 1)));
	// Where all answers are looked at anyway, those that were asked with one of the ids are found by the same look.
	const own = dated === undefined && wanted.includes(mine[0]) ? ['request IN (SELECT id FROM asked)'] : [];
	// One after the other: each alone keeps DuckDB from reading what cannot be meant, which it cannot see where they stand together.
	const looks = [...wanted, ...own].map((which) => `SELECT ${COLUMNS}, request FROM ${answers} WHERE ${SEEN} AND ${which}`);
	await duck.run(`CREATE OR REPLACE TEMP TABLE named AS ${looks.join(' UNION ')}`);
	const named = await nameAsked(duck, log, meant, own.length === 0);
	if (own.length > 0) await duck.run(`DELETE FROM named WHERE NOT coalesce(${mine.join(', false) AND NOT coalesce(')}, false)`);
	if (named.size > 0) dated = datedIds(given.map((truth, n) => ({ ...truth, id: named.get(n) ?? truth.id })));
	const truths = await relationSince(log, 'truth', dated?.since);
	// Other truths about the same answers came by their keys: which answers those are about depends on all answers about the key.
	const others = `SELECT key FROM named EXCEPT SELECT key FROM asked WHERE id IS NULL`;
	const [{ more }] = await duck.rows<{ more: number }>(`SELECT count(key) AS more FROM (${others})`);
	if (more > 0) {
		// Where a line is about an older answer than these it does not matter here.
		answers = await relationSince(log, 'answers', dated?.since);
		const late = `FROM ${answers} WHERE ${SEEN} AND key IN (${others}) AND id NOT IN (SELECT id FROM named)`;
		await duck.run(`INSERT INTO named SELECT ${COLUMNS}, request ${late}`);
	}
	await duck.run(
		`CREATE OR REPLACE TEMP TABLE before AS SELECT -row_number() OVER () AS n, ${LINES} FROM ${truths} ` +
			`WHERE id IN (SELECT id FROM named UNION SELECT id FROM asked) ` +
			`OR (id IS NULL AND key IN (SELECT key FROM named UNION SELECT key FROM asked))`,
	);
	const both = `(SELECT n, id, key, moment, model FROM before UNION ALL SELECT n, id, key, moment, model FROM asked)`;
	const rows = await duck.rows<Row>(
		`WITH about AS MATERIALIZED (${aboutSql(both, 'named')}), ` +
			`current AS (SELECT answer, ${LAST} AS truth, max(l."at") AS told FROM about JOIN before l USING (n) GROUP BY answer), ` +
			`said AS (${saidSql}), ` +
			`digests AS (SELECT ${ANSWER} AS answer, any_value(digest) AS digest FROM named GROUP BY 1), ` +
			`models AS (SELECT key, to_json(list(DISTINCT model ORDER BY model)) AS models FROM named WHERE key IS NOT NULL GROUP BY key) ` +
			`SELECT a.n, b.answer.id AS id, b.answer."at" AS "at", b.answer.model AS model, d.digest, c.truth AS current, ` +
			`c.told AS current_at, s.truth AS said, ` +
			`CASE WHEN a.id IS NULL AND a.model IS NULL THEN m.models END AS models FROM asked a LEFT JOIN about b USING (n) ` +
			`LEFT JOIN digests d ON b.answer = d.answer LEFT JOIN current c ON b.answer = c.answer LEFT JOIN said s ON a.n = s.n ` +
			`LEFT JOIN models m ON a.key = m.key ORDER BY a.n`,
	);
	await duck.run('DROP TABLE asked; DROP TABLE named; DROP TABLE before');
	return rows.map(({ id, at, model, digest, current, current_at, said, models }) => ({
		...(id === null ? {} : { answer: { id, at: at!, model: model!, digest: digest! } }),
		...(current === null ? {} : { current, currentAt: Date.parse(current_at!) }),
		...(said === null ? {} : { saidOf: said }),
		models: models === null ? [] : (JSON.parse(models) as string[]),
	}));
}

async function tableOf(duck: Duck, asked: readonly AskedTruth[]): Promise<void> {
	await duck.run('DROP TABLE IF EXISTS given');
	await fillTable(duck, 'given', [
		{ name: 'n', type: 'DOUBLE', values: asked.map((_, n) => n) },
		...(['id', 'key', 'model'] as const).map((name) => ({ name, type: 'VARCHAR' as const, values: asked.map((truth) => truth[name]) })),
		...(['time', 'told'] as const).map((name) => ({ name, type: 'DOUBLE' as const, values: asked.map((truth) => truth[name]) })),
	]);
	await duck.run(
		'CREATE OR REPLACE TEMP TABLE asked AS SELECT CAST(n AS BIGINT) AS n, id, key, ' +
			'make_timestamp(CAST(coalesce(time, told) AS BIGINT) * 1000) AS moment, time IS NULL AS timeless, model FROM given; DROP TABLE given',
	);
}

/** Ids that tell when the answers were given: then other segments need not be opened. */
function datedIds(asked: readonly AskedTruth[]): { ids: string[]; since: number } | undefined {
	let since = Infinity;
	const ids: string[] = [];
	for (const { id } of asked) {
		const time = id === undefined ? undefined : timeOfId(id);
		if (time === undefined) return undefined;
		since = Math.min(since, time);
		ids.push(id!);
	}
	return { ids, since: since - AHEAD_MS };
}

/** Which answers to read back. */
export interface AnswersAsked {
	model: string;
	/** First moment, ISO; the end, itself not included. */
	since?: string;
	until?: string;
	alias?: string;
	versions?: readonly number[];
	rollout?: string;
	/** Of the log's columns those that are wanted besides `at`, `id`, `model` and `arm`; absent: all, in the order of time. */
	columns?: readonly string[];
	/** Whether answers that nobody saw are left out. */
	seen?: boolean;
}

/** When an id that says so was made, in ms; null for other kinds of ids. */
const TIME_OF_ID =
	`CASE WHEN substr(id, 15, 1) = '7' AND regexp_matches(id, ${quoteText(DATED_ID)}) ` +
	`THEN CAST('0x' || substr(id, 1, 8) || substr(id, 10, 4) AS BIGINT) END`;

/**
 * Makes the table `lines` of the truths that may be about an answer between two moments (ms), and says from when to when answers matter to
 * them: truth comes later than its answer, so that its segments are read from there to the newest; of the answers only those that a truth
 * could be about as well.
 */
async function linesAbout(
	duck: Duck,
	log: TruthLog,
	mine: string,
	from = -Infinity,
	to = Infinity,
): Promise<{ since?: number; until?: number }> {
	const truths = await relationSince(log, 'truth', from === -Infinity ? undefined : from - AHEAD_MS);
	const possible = [
		`(model IS NULL OR ${mine})`,
		...(from === -Infinity ? [] : [`(id IS NOT NULL OR coalesce(time, "at") >= make_timestamp(${from} * 1000))`]),
		...(from === -Infinity ? [] : [`(id IS NULL OR coalesce(${TIME_OF_ID} >= ${from - ID_MARGIN_MS}, true))`]),
		...(to === Infinity ? [] : [`(id IS NULL OR coalesce(${TIME_OF_ID} < ${to + ID_MARGIN_MS}, true))`]),
	];
	await duck.run(
		`CREATE OR REPLACE TEMP TABLE lines AS SELECT row_number() OVER () AS n, ${LINES} FROM ${truths} WHERE ${possible.join(' AND ')}`,
	);
	const since = from === -Infinity ? {} : { since: from };
	if (to === Infinity) return since;
	// A later answer about the same key, even of another model, may be the one that a truth is about; or one of the same id, if ids repeat.
	const [{ undated, last }] = await duck.rows<{ undated: number; last: number | null }>(
		`SELECT count(*) FILTER (id IS NOT NULL AND (${TIME_OF_ID}) IS NULL) AS undated, ` +
			`epoch_ms(max(moment) FILTER (id IS NULL)) AS last FROM lines`,
	);
	return undated > 0 ? since : { ...since, until: Math.max(to + ID_MARGIN_MS, (last ?? -Infinity) + 1) };
}

/**
 * Makes the table `name` of the session: the answers that are asked for, with what the log keeps of them, and `truth` (JSON, null where
 * none is known), `told` (when that was said), `first_told` (when anything was first said of it), `tellings`.
 */
export async function tableWithTruth(duck: Duck, log: TruthLog, name: string, asked: AnswersAsked): Promise<void> {
	await whileKept(log, async () => await makeTable(duck, log, name, asked));
}

async function makeTable(duck: Duck, log: TruthLog, name: string, asked: AnswersAsked): Promise<void> {
	const { model, since, until, alias, versions, rollout, columns, seen } = asked;
	const mine = `model = ${quoteText(model)}`;
	const range = await linesAbout(duck, log, mine, since ? Date.parse(since) : undefined, until ? Date.parse(until) : undefined);
	const iso = (ms: number | undefined, key: 'since' | 'until') => (ms === undefined ? {} : { [key]: new Date(ms).toISOString() });
	const answers = await log.relation('answers', { ...iso(range.since, 'since'), ...iso(range.until, 'until') });
	await duck.run(
		`CREATE OR REPLACE TEMP TABLE named AS SELECT id, key, request, model, "at" FROM ${answers} WHERE ${SEEN} AND ` +
			`(id IN (SELECT id FROM lines) OR request IN (SELECT id FROM lines) OR key IN (SELECT key FROM lines WHERE id IS NULL))`,
	);
	await nameRequests(duck, log);
	const conditions = [
		seen ? SEEN : GIVEN,
		mine,
		...(since === undefined ? [] : [`"at" >= ${instantSql(since)}`]),
		...(until === undefined ? [] : [`"at" < ${instantSql(until)}`]),
		...(alias === undefined ? [] : [`alias = ${quoteText(alias)}`]),
		...(versions === undefined ? [] : [`version IN (${versions.map(Math.trunc).join(', ') || 'NULL'})`]),
		...(rollout === undefined ? [] : [`rollout = ${quoteText(rollout)}`]),
	];
	const wanted = await log.relation('answers', { ...(since ? { since } : {}), ...(until ? { until } : {}) });
	const kept = columns && [...new Set(['at', 'id', 'model', 'arm', ...columns])].map(quoteName).join(', ');
	await duck.run(
		`CREATE OR REPLACE TEMP TABLE ${name} AS WITH about AS (${aboutSql('lines', 'named')}), ` +
			`truths AS (SELECT answer, ${LAST} AS truth, max(l."at") AS told, min(l."at") AS first_told, count(*) AS tellings ` +
			`FROM about JOIN lines l USING (n) GROUP BY answer), ` +
			// Who answered unseen did so a moment later, under the same id.
			`shown AS (SELECT id, model, max(${ANSWER}) AS answer FROM named GROUP BY id, model) ` +
			`SELECT a.* EXCLUDE (answer), nullif(t.truth, 'null') AS truth, t.told, t.first_told, coalesce(t.tellings, 0) AS tellings ` +
			`FROM (SELECT ${kept ?? '*'}, ${ANSWER} AS answer FROM ${wanted} WHERE ${conditions.join(' AND ')}) a ` +
			`LEFT JOIN shown s ON a.id = s.id AND a.model = s.model ` +
			`LEFT JOIN truths t ON t.answer = CASE WHEN ${UNSEEN} THEN s.answer ELSE a.answer END ` +
			(columns ? '' : `ORDER BY a."at", length(a.id), a.id`),
	);
	await duck.run('DROP TABLE lines; DROP TABLE named');
}
