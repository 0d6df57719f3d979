import { MlopsError } from '../../domain/errors.js';
import { WATCHES, type WatchId } from '../../domain/watches.js';
import { answers } from './answersWatch.js';
import type { Watch } from './contract.js';
import { data } from './dataWatch.js';
import { estimate } from './estimateWatch.js';
import { quality } from './qualityWatch.js';
import { service } from './serviceWatch.js';

/** All that can be watched. A new one is one file and one line here. */
export const ALL_WATCHES: readonly Watch[] = [data, answers, quality, estimate, service];

/** @throws `input.invalid` for what nobody has made a watch of */
export function watchOf(id: WatchId): Watch {
	const watch = ALL_WATCHES.find((w) => w.id === id);
	if (watch) return watch;
	throw new MlopsError('input.invalid', `"${WATCHES[id][0]}" cannot be watched here.`, {
		expected: `one of: ${ALL_WATCHES.map((w) => w.id).join(', ')}`,
		found: id,
		remedy: 'Choose another under "Watch".',
	});
}
