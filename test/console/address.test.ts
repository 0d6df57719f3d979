import { match, pathTo, placeOf } from '../../lib/console/router/place.js';
import { EVIL_NAMES } from '../evilNames.js';

/** As a browser has it in its address. */
const arrived = (path: string) => placeOf(new URL(`/console${path}`, 'http://127.0.0.1'))!;

describe('an address of the console', () => {
	it.each([...EVIL_NAMES, 'a/b', 'a?b', 'a#b', '100%', '%2F', '%zz', ' ', 'a b', '...', 'RTL \u202e name'])(
		'leads back to the name that it was made of: %j',
		(name) => {
			const { path } = arrived(pathTo('/models/:model/:version', { model: name, version: 3 }));
			expect(match('/models/:model/:version', path)).toEqual({ model: name, version: '3' });
		},
	);

	it('keeps what follows "?" and leaves out what is not asked', () => {
		const { path, query } = arrived(pathTo('/models', {}, { text: 'a&b=c', sort: undefined, tab: '' }));
		expect([path, [...query]]).toEqual(['/models', [['text', 'a&b=c']]]);
	});

	it('fits whole parts, with or without a slash at its end', () => {
		expect(match('/models/:model', '/models/x/')).toEqual({ model: 'x' });
		expect(match('/', '')).toEqual({});
		expect(match('/models', '/modelsx')).toBeUndefined();
		expect(match('/models/:model', '/models')).toBeUndefined();
	});

	it('of something else is no place in the console', () => {
		expect(placeOf(new URL('http://x/consoles'))).toBeUndefined();
		expect(placeOf(new URL('http://x/console'))).toMatchObject({ path: '/' });
	});
});
