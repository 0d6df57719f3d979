import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { JobBoard, JobEnding, JobSaid, PostedJob } from '../compute/engines/board.js';
import type { JobCall } from '../compute/messages.js';
import { cancelledError } from '../domain/cancel.js';
import type { Box } from './seal/box.js';
import type { Database } from './sql/contract.js';
import type { LogTables } from './sql/migrations.js';

/** Ended jobs, and those that nobody ever ran, are forgotten after a day. */
const KEPT_MS = 24 * 3600 * 1000;

type Row = Selectable<LogTables['job']>;

/** What the column `cancelled` says, 0 being nothing. */
const WANTS = { stop: 1, keepBest: 2 } as const;

const nothingSaid: JobSaid = { notes: [], memoryBytes: 0 };

const viewOf = async (row: Row, box: Box): Promise<PostedJob> => ({
	id: row.id,
	job: row.job,
	state: row.state as PostedJob['state'],
	cancelled: row.cancelled === WANTS.stop,
	keepBest: row.cancelled === WANTS.keepBest,
	postedAt: row.posted_at,
	askerBeat: row.asker_beat,
	workerBeat: row.worker_beat,
	...(JSON.parse(row.said) as JobSaid),
	...(row.run_on === null ? {} : { where: row.run_on }),
	...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
	...(row.ending === null ? {} : { ending: JSON.parse(await box.open(row.ending)) as JobEnding }),
});

const rowOf = async (log: Database<LogTables>, id: string): Promise<Row | undefined> =>
	await log.read.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();

/** Ends a job that is in one of these states; whether it was. */
async function end(
	log: Database<LogTables>,
	box: Box,
	id: string,
	ending: JobEnding,
	states: ReadonlyArray<PostedJob['state']>,
): Promise<boolean> {
	const closed = await box.close(JSON.stringify(ending));
	const done = await log.write(
		async (db) =>
			await db
				.updateTable('job')
				.set({ state: 'ended', ended_at: new Date().toISOString(), ending: closed, call: '' })
				.where('id', '=', id)
				.where('state', 'in', states)
				.executeTakeFirst(),
	);
	return done.numUpdatedRows > 0n;
}

/** What those do who want a job run. */
const askersSide = (log: Database<LogTables>, box: Box): Pick<JobBoard, 'post' | 'look' | 'want' | 'cancel' | 'keepBest' | 'list'> => ({
	async post(call) {
		const id = `job_${randomBytes(10).toString('hex')}`;
		const closed = await box.close(JSON.stringify(call));
		const old = new Date(Date.now() - KEPT_MS).toISOString();
		await log.write(async (db) => {
			await db.deleteFrom('job').where('state', '!=', 'running').where('posted_at', '<', old).execute();
			await db
				.insertInto('job')
				.values({
					id,
					job: call.job,
					call: closed,
					state: 'waiting',
					cancelled: 0,
					run_on: null,
					said: JSON.stringify(nothingSaid),
					asker_beat: 0,
					worker_beat: 0,
					ending: null,
					posted_at: new Date().toISOString(),
					ended_at: null,
				})
				.execute();
		});
		return id;
	},
	async look(id) {
		const row = await rowOf(log, id);
		return row && (await viewOf(row, box));
	},
	async want(id) {
		await log.write(
			async (db) =>
				await db
					.updateTable('job')
					.set(({ eb }) => ({ asker_beat: eb('asker_beat', '+', 1) }))
					.where('id', '=', id)
					.execute(),
		);
	},
	async cancel(id) {
		await log.write(async (db) => await db.updateTable('job').set({ cancelled: WANTS.stop }).where('id', '=', id).execute());
		const row = await rowOf(log, id);
		if (!row) return;
		await end(
			log,
			box,
			id,
			{ outcome: { ok: false, error: cancelledError(`The job "${row.job}"`).toJSON() }, peakMemoryBytes: 0, seconds: 0 },
			['waiting'],
		);
	},
	async keepBest(id) {
		await log.write(
			async (db) =>
				await db.updateTable('job').set({ cancelled: WANTS.keepBest }).where('id', '=', id).where('cancelled', '=', 0).execute(),
		);
	},
	async list(limit) {
		const rows = await log.read.selectFrom('job').selectAll().orderBy('posted_at', 'desc').limit(limit).execute();
		return await Promise.all(rows.map((row) => viewOf(row, box)));
	},
});

/** What the process does that runs a job. */
const workersSide = (log: Database<LogTables>, box: Box): Pick<JobBoard, 'claim' | 'say' | 'end'> => ({
	async claim(id, where) {
		const taken = await log.write(
			async (db) =>
				await db
					.updateTable('job')
					.set({ state: 'running', run_on: where })
					.where('id', '=', id)
					.where('state', '=', 'waiting')
					.executeTakeFirst(),
		);
		const row = taken.numUpdatedRows > 0n ? await rowOf(log, id) : undefined;
		return row && (JSON.parse(await box.open(row.call)) as JobCall);
	},
	async say(id, said) {
		await log.write(
			async (db) =>
				await db
					.updateTable('job')
					.set(({ eb }) => ({ said: JSON.stringify(said), worker_beat: eb('worker_beat', '+', 1) }))
					.where('id', '=', id)
					.where('state', '=', 'running')
					.execute(),
		);
	},
	end: async (id, ending) => await end(log, box, id, ending, ['waiting', 'running']),
});

/** Jobs that other processes run, in the store's log: it may be deleted, and then they are asked for again. */
export const createJobs = (log: Database<LogTables>, box: Box): JobBoard => ({ ...askersSide(log, box), ...workersSide(log, box) });
