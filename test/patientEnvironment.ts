import { TestEnvironment } from 'jest-environment-node';

/**
 * The limit of a test is there to end what hangs, and says how long it may take on a quiet machine. A busy one takes several times as long
 * for the same, and nothing is learnt from ending what would have come right: each limit is taken so many times.
 */
const PATIENCE = 4;

interface Limited {
	timeout?: number;
}

export default class PatientEnvironment extends TestEnvironment {
	readonly #patient = new WeakSet<Limited>();

	handleTestEvent(event: { name: string; test?: Limited; hook?: Limited }, state: { testTimeout: number }): void {
		const limited = event.name === 'hook_start' ? event.hook : event.name === 'test_fn_start' ? event.test : undefined;
		// A hook starts before each of its tests.
		if (!limited || this.#patient.has(limited)) return;
		this.#patient.add(limited);
		limited.timeout = PATIENCE * (limited.timeout ?? state.testTimeout);
	}
}
