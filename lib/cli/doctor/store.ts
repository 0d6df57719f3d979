import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import type { Check } from './contract.js';

/** Whether the store opens, and the end of its audit log is what was signed. */
export const store: Check = async (desk) => {
	const about = 'Store';
	try {
		const ref = desk.ref();
		if (ref.kind === 'folder' && !(await isThere(join(ref.home, 'store.db'))))
			return [{ about, state: 'ok', text: `none yet; it will be made in ${ref.home}` }];
		const place = ref.kind === 'folder' ? ref.home : `${ref.url}, schema ${ref.schema}, artifacts in ${ref.artifacts}`;
		const { store } = await desk.session();
		const events = await store.soundEnd();
		return [
			{ about, state: 'ok', text: `${place}, opens; its audit log of ${events} events ends as signed (mlops verify looks at all of it)` },
		];
	} catch (thrown) {
		const { message, details, code } = MlopsError.from(thrown);
		return [{ about, state: 'broken', text: `${message} (${code})`, remedy: details.remedy }];
	}
};

const isThere = async (path: string): Promise<boolean> =>
	await access(path).then(
		() => true,
		() => false,
	);
