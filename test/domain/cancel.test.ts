import { newFlag, stopAsked, throwIfCancelled, WISH, wish, wished } from '../../lib/domain/cancel.js';

const stopped = expect.objectContaining({ code: 'compute.cancelled', message: 'The training was stopped.' });

describe('the wish that work stops', () => {
	it('is carried by a signal or by a flag', () => {
		const controller = new AbortController();
		const flag = newFlag();
		for (const carrier of [{}, { signal: controller.signal }, { cancelled: flag }]) {
			expect(wished(carrier)).toBe(WISH.goOn);
			expect(() => throwIfCancelled(carrier, 'The training')).not.toThrow();
		}
		controller.abort();
		wish(flag, WISH.stop);
		for (const carrier of [{ signal: controller.signal }, { cancelled: flag }, { signal: controller.signal, cancelled: newFlag() }]) {
			expect(() => throwIfCancelled(carrier, 'The training')).toThrow(stopped);
			expect(() => stopAsked(carrier, 'The training')).toThrow(stopped);
		}
	});

	it('to keep the best so far stops nothing that has nothing to keep', () => {
		const flag = newFlag();
		expect(stopAsked({ cancelled: flag }, 'The training')).toBe(false);
		wish(flag, WISH.keepBest);
		expect(stopAsked({ cancelled: flag }, 'The training')).toBe(true);
		expect(() => throwIfCancelled({ cancelled: flag }, 'Reading')).not.toThrow();
	});
});
