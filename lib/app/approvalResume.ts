import type { Approval } from '../domain/approval.js';
import type { Store } from '../store/contract.js';
import { cutText } from '../domain/text.js';

/**
 * How n8n's waiting execution goes on when somebody decided elsewhere than at the approver's link (in the console): the request holds an
 * address of n8n at which it does, and a model server calls that until n8n has gone on. Which ones are due is one entry in the store's
 * progress, changed by compare-and-set; what became of each stays in an entry of its own.
 */
const DUE = 'approvals-due';
const keyOf = (id: string): string => `approval-went-on:${id}`;

/** How an execution that waited stands. */
export interface GoingOn {
	state: 'calling' | 'went_on' | 'given_up';
	/** Calls so far. */
	tries: number;
	/** When it was called last. */
	at?: string;
	/** Why the last call did nothing, or how n8n said that it is past it. */
	said?: string;
	/** When to call next (ms). */
	next?: number;
}

type Keeper = Pick<Store, 'progress' | 'setProgress' | 'swapProgress'>;

const FIRST_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** n8n may be away over a long weekend. */
const GIVEN_UP_MS = 7 * 86_400_000;
const CALL_MS = 20_000;
/** After n8n said that it goes on, it is asked once more whether it did. */
const CONFIRM_MS = 3_000;
/** A request that is noted here and still open after this long was not decided after all. */
const UNDECIDED_MS = 60_000;

const idsIn = (value: unknown): string[] => (Array.isArray(value) ? value.filter((id) => typeof id === 'string') : []);

export const dueApprovals = async (store: Pick<Store, 'progress'>): Promise<string[]> => idsIn(await store.progress(DUE));

async function changeDue(store: Keeper, make: (ids: string[]) => string[]): Promise<void> {
	for (;;) {
		const before = await store.progress(DUE);
		if (await store.swapProgress(DUE, before, make(idsIn(before)))) return;
	}
}

/** Notes that n8n is to go on once this is decided. Called before the decision, so that none is lost between the two. */
export async function noteDue(store: Keeper, { id }: Approval): Promise<void> {
	await store.setProgress(keyOf(id), { state: 'calling', tries: 0 } satisfies GoingOn);
	await changeDue(store, (ids) => (ids.includes(id) ? ids : [...ids, id]));
}

/** How far it is; undefined where nobody decided in the console. */
export const goingOn = async (store: Pick<Store, 'progress'>, id: string): Promise<GoingOn | undefined> =>
	(await store.progress(keyOf(id))) as GoingOn | undefined;

async function finish(store: Keeper, id: string, state: GoingOn): Promise<void> {
	await store.setProgress(keyOf(id), state);
	await changeDue(store, (ids) => ids.filter((one) => one !== id));
}

/**
 * Calls n8n for one that is due, if its time has come. Doing so twice at once does no harm: n8n lets an execution go on once.
 * @param seen when this process saw it first (ms)
 */
export async function callDue(store: Pick<Store, 'approval'> & Keeper, id: string, seen: number, now = Date.now()): Promise<void> {
	const state = (await goingOn(store, id)) ?? { state: 'calling', tries: 0 };
	if (state.next !== undefined && now < state.next) return;
	const approval = await store.approval(id);
	if (approval?.status === 'pending') {
		if (now - seen > UNDECIDED_MS) await finish(store, id, { ...state, state: 'given_up', said: 'Nobody decided.' });
		return;
	}
	if (!approval?.decidedAt || !approval.resume)
		return await finish(store, id, { ...state, state: 'given_up', said: 'There is nothing to call.' });
	const answer = await call(approval.resume, id);
	const called: GoingOn = { ...state, tries: state.tries + 1, at: new Date(now).toISOString(), said: answer.said };
	if (answer.state === 'past') return await finish(store, id, { ...called, state: 'went_on' });
	if (now - Date.parse(approval.decidedAt) > GIVEN_UP_MS) return await finish(store, id, { ...called, state: 'given_up' });
	const pause = answer.state === 'goes_on' ? CONFIRM_MS : Math.min(LONGEST_PAUSE_MS, FIRST_MS * 2 ** Math.min(10, state.tries));
	await store.setProgress(keyOf(id), { ...called, next: Date.now() + pause });
}

/** What our node answers at that address. */
export interface ResumeAnswer {
	mlops: 'goes_on' | 'undecided';
}

interface Called {
	state: 'goes_on' | 'past' | 'away';
	said: string;
}

async function call(address: string, approval: string): Promise<Called> {
	let response: Response;
	let text: string;
	try {
		response = await fetch(address, {
			method: 'POST',
			redirect: 'manual',
			headers: { 'content-type': 'application/json', accept: 'application/json' },
			body: JSON.stringify({ approval }),
			signal: AbortSignal.timeout(CALL_MS),
		});
		text = cutText(await response.text(), 10_000);
	} catch (thrown) {
		const { code } = ((thrown as Error).cause ?? {}) as { code?: string };
		return { state: 'away', said: `n8n cannot be reached${code ? ` (${code})` : ''}.` };
	}
	const said = read(text);
	if (said?.mlops === 'goes_on') return { state: 'goes_on', said: 'n8n goes on.' };
	// A page: what waited is past waiting. A conflict: it runs, or ended with an error, both after it had gone on.
	if ((response.status === 200 && !said) || (response.status === 409 && !said?.mlops)) return { state: 'past', said: 'n8n has gone on.' };
	if (response.status === 404) return { state: 'away', said: 'n8n does not know this execution (any more), or is starting.' };
	return { state: 'away', said: `n8n answered ${response.status}.` };
}

function read(text: string): Partial<ResumeAnswer> | undefined {
	try {
		return JSON.parse(text) as Partial<ResumeAnswer>;
	} catch {
		return undefined;
	}
}
