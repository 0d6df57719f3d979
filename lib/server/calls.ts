import { openLastingLink } from '../app/approvalLinks.js';
import { own } from '../domain/dictionary.js';
import { z } from 'zod/v4';
import { MlopsError } from '../domain/errors.js';
import { takeFeedback } from './api/takeFeedback.js';
import { askConsole, createConsole } from './console/createConsole.js';
import { metricsText } from './metrics/metricsText.js';
import { ROLLOUT_CALLS } from './rollouts/rolloutCalls.js';
import type { MainState } from './start.js';

/** Made when the first person asks. */
const consoles = new WeakMap<MainState, ReturnType<typeof createConsole>>();

type Call = (state: MainState, params: unknown) => Promise<unknown>;

/** What listeners may ask of the main thread, which has the store. */
const CALLS: Record<string, Call> = {
	/** Local file of a package. */
	async package({ store }, params) {
		return await store.artifacts.materialise(z.object({ digest: z.string() }).parse(params).digest);
	},
	async approval({ store }, params) {
		return await openLastingLink(store, z.object({ token: z.string(), to: z.string(), sig: z.string() }).parse(params));
	},
	/** What turned out to be true: `POST /v1/feedback`. */
	async feedback({ store }, params) {
		return await takeFeedback(store, params);
	},
	...ROLLOUT_CALLS,
	/** A request to the console's API. */
	async console(state, params) {
		let app = consoles.get(state);
		if (!app) consoles.set(state, (app = createConsole(state)));
		return await askConsole(app, params);
	},
	async metrics(state) {
		return await metricsText(state);
	},
};

export const createCalls =
	(state: MainState) =>
	async (method: string, params: unknown): Promise<unknown> => {
		const asked = own(CALLS, method);
		if (!asked) throw new MlopsError('internal', `The server has no call "${method}".`);
		return await asked(state, params);
	};
