import { writeFileSync } from 'node:fs';
import { workshop, type Workshop } from './helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

let files = 0;
const table = async (columns: Record<string, (i: number) => unknown>, { rows = 400, ...more }: { rows?: number; target?: string } = {}) => {
	const path = shop.path(`${++files}.csv`);
	const names = Object.keys(columns);
	writeFileSync(
		path,
		`${names.join(';')}\n${Array.from({ length: rows }, (_, i) => names.map((n) => columns[n](i) ?? '').join(';')).join('\n')}\n`,
	);
	return await shop.ingest({ source: 'file', params: { path }, ...more });
};
const roles = (r: Awaited<ReturnType<typeof table>>) => Object.fromEntries(r.columns.map((c) => [c.name, c.role]));
const warned = (r: Awaited<ReturnType<typeof table>>, code: string) =>
	r.profile.warnings.filter((w) => w.code === code).map((w) => w.column);
/** Scattered whole numbers, the same at every run. */
const mix = (i: number, range = 2 ** 31) => Math.abs(Math.imul(i + 7, 0x9e3779b1) ^ (Math.imul(i + 7, 0x85ebca6b) >>> 13)) % range;
const hex = (i: number, length: number) => Array.from({ length }, (_, k) => (mix(i * 31 + k * 7 + 1) % 16).toString(16)).join('');
const day = (i: number) => new Date(Date.UTC(2023, 0, 1 + i)).toISOString().slice(0, 10);

describe('the time of rows', () => {
	it('is a date that (nearly) every row has; a few gaps are said', async () => {
		const r = await table({ seen: (i) => (i % 50 === 3 ? '' : day(i)), x: (i) => mix(i, 90) / 7 });
		expect(roles(r)).toMatchObject({ seen: 'time' });
		expect(r.notes.find((n) => n.text.includes('"seen"'))!.text).toMatch(/8 rows without a value will be left out of training/);
	});

	it.each([[0.61], [0.2], [0.06]])('is none where %d of it are empty, which is said with the share', async (empty) => {
		const r = await table({ cancelled: (i) => (mix(i, 1000) < empty * 1000 ? '' : day(i)), x: (i) => mix(i, 90) / 7 });
		expect(roles(r)).toMatchObject({ cancelled: 'feature' });
		expect(r.notes.find((n) => n.text.includes('"cancelled"'))!.text).toMatch(/has a value in \d+(\.\d)? % of the rows.*95 %/);
	});

	it.each([
		['start', 'end'],
		['from', 'to'],
		['valid_until', 'opened'],
	])('is not guessed of "%s" and "%s", which is said', async (a, b) => {
		const r = await table({ [a]: day, [b]: (i) => day(i + 30), x: (i) => mix(i, 90) / 7 });
		expect(roles(r)).toMatchObject({ [a]: 'feature', [b]: 'feature' });
		expect(r.notes.map((n) => n.text).join(' ')).toMatch(/may say when a row happened, but so may another column/);
	});

	it('is the one that is filled, of several', async () => {
		expect(roles(await table({ cancelled: (i) => (i % 3 ? '' : day(i + 30)), opened: day, x: (i) => mix(i, 90) / 7 }))).toMatchObject({
			opened: 'time',
			cancelled: 'feature',
		});
	});
});

describe('personal data', () => {
	const first = ['Anna', 'Peter', 'Maria', 'Thomas', 'Julia', 'Ayşe', 'Kofi'];
	const last = ['Muster', 'Beispiel', 'Sample', 'Exemple', 'Ejemplo', 'Esempio', 'Przykład', 'Voorbeeld', 'Exempel'];
	const person = (i: number) => `${first[i % 7]} ${last[mix(i, 9)]}${'abcdefghij'[i % 10]}`;
	/** Invented accounts with right check digits. */
	const iban = (i: number) => {
		const account = String(mix(i)).padStart(18, '0');
		return `DE${String(98n - (BigInt(`${account}131400`) % 97n)).padStart(2, '0')}${account}`;
	};
	const card = (i: number) => {
		const body = `4${String(mix(i)).padStart(14, '0')}`;
		const sum = [...body].reverse().reduce((s, c, k) => s + [Number(c), Number(c) * 2 - (Number(c) > 4 ? 9 : 0)][(k + 1) % 2], 0);
		return `${body}${(10 - (sum % 10)) % 10}`;
	};

	const ean = (body: string) => {
		const sum = [...body].reverse().reduce((s, c, k) => s + Number(c) * (k % 2 ? 1 : 3), 0);
		return `${body}${(10 - (sum % 10)) % 10}`;
	};
	const luhnOf = (body: string) => {
		const sum = [...body].reverse().reduce((s, c, k) => s + (k % 2 ? Number(c) : Number(c) * 2 - (Number(c) > 4 ? 9 : 0)), 0);
		return `${body}${(10 - (sum % 10)) % 10}`;
	};
	/** Books: those whose check digit is X are left out, so that all the others fit the number of a patient, too. */
	const isbn = (i: number): string => {
		const body = `3${String(mix(i)).padStart(10, '0').slice(0, 8)}`;
		const check = (11 - ([...body].reduce((s, c, k) => s + Number(c) * (10 - k), 0) % 11)) % 11;
		return check === 10 ? isbn(i + 1_000) : `${body}${check}`;
	};
	const ahv = (i: number) => ean(`756${String(mix(i)).padStart(9, '0').slice(0, 9)}`).replace(/(...)(....)(....)(..)/, '$1.$2.$3.$4');
	const pesel = (i: number) => {
		const body = `${50 + (i % 49)}${10 + (i % 3)}${10 + (i % 19)}${1_000 + mix(i, 8_000)}`;
		const sum = [...body].reduce((s, c, k) => s + Number(c) * [1, 3, 7, 9, 1, 3, 7, 9, 1, 3][k], 0);
		return `${body}${(10 - (sum % 10)) % 10}`;
	};

	it.each([
		['contact', (i: number) => `user${i}@mail${i % 3}.example`, 'e-mail addresses'],
		['mail with gaps', (i: number) => (i % 4 ? `a.b+${mix(i, 60)}@shop.example.org` : ''), 'e-mail addresses'],
		['customer_name', (i: number) => `${last[i % 9]}${i % 40}`.replace(/\d/g, 'x'), 'names of people'],
		['lastName', (i: number) => last[mix(i, 9)], 'names of people'],
		['Kunde', person, 'names of people'],
		['name', (i: number) => `${last[mix(i, 9)]}${'abcdefghij'[i % 10]}, Mr. ${first[i % 7]}`, 'names of people'],
		['phone', (i: number) => `+49 30 ${1_000_000 + mix(i, 8_000_000)}`, 'phone numbers'],
		['reach', (i: number) => `0${170 + (i % 9)}/${1_000_000 + mix(i, 8_000_000)}`, 'phone numbers'],
		['mobile_number', (i: number) => 4_915_100_000_000 + mix(i, 90_000_000), 'phone numbers'],
		['account', iban, 'numbers of bank accounts'],
		['paid with', card, 'numbers of payment cards'],
		[
			'Name',
			(i: number) => `${['Anna', 'Piotr', 'Chukwudi', 'Xiaoming', 'Giorgos', 'Ivana', 'Bjorn'][i % 7]} ${last[mix(i, 9)]}`,
			'names of people',
		],
		['contact and mail', (i: number) => `Ada B <a${i}@shop.example.org>`, 'e-mail addresses'],
		['call', (i: number) => `030/55${1_000 + mix(i, 8_000)} ext. ${i % 90}`, 'phone numbers'],
		[
			'where',
			(i: number) => `${1 + mix(i, 300)} ${['Main St', 'Oak Avenue', 'Old Mill Rd.', 'Park Blvd, Apt 4'][i % 4]}`,
			'street addresses',
		],
		[
			'Anschrift',
			(i: number) => `${['Hauptstraße', 'Am Alten Weg', 'Lindenallee', 'Berg-Str.'][i % 4]} ${1 + mix(i, 300)}`,
			'street addresses',
		],
		['adresse', (i: number) => `${1 + mix(i, 300)}, ${['rue de la Paix', 'avenue Foch', 'chemin Vert'][i % 3]}`, 'street addresses'],
		['device', (i: number) => [0, 1, 2, 3, 4, 5].map((k) => hex(i * 9 + k, 2)).join(':'), 'addresses of machines'],
		['came from v6', (i: number) => `2001:db8::${hex(i, 4)}:${hex(i + 3, 4)}`, 'addresses of machines'],
		['came from', (i: number) => `10.${mix(i, 250)}.${i % 250}.7`, 'addresses of machines'],
		['ssn', (i: number) => `${100 + mix(i, 500)}-${10 + mix(i + 1, 80)}-${1_000 + mix(i + 2, 8_000)}`, 'numbers of the social security'],
		[
			'account in groups',
			(i: number) =>
				iban(i)
					.replace(/(.{4})/g, '$1 ')
					.trim(),
			'numbers of bank accounts',
		],
		['id', (i: number) => iban(i).toLowerCase(), 'numbers of bank accounts'],
		['phone_e164', (i: number) => `+4915${String(mix(i)).padStart(10, '0').slice(1)}`, 'phone numbers'],
		['insured', ahv, 'numbers that a state gives to persons (Switzerland'],
		['dni', (i: number) => `${10_000_000 + mix(i, 8e7)}${'TRWAGMYFPDXBNJZSQVHLCKE'[(10_000_000 + mix(i, 8e7)) % 23]}`, '(Spain'],
		['who', pesel, '(Poland'],
		['home address', (i: number) => `Flat ${1 + (i % 9)}, ${1 + mix(i, 300)} Elm Street, London`, 'street addresses'],
		[
			'address',
			(i: number) => (i % 3 ? `Hof am See ${String.fromCharCode(65 + (i % 26))}${'xyz'[i % 3]}` : `Lindenweg ${i}`),
			'street addresses',
		],
	])('%s: is flagged and no feature', async (name, value, words) => {
		const r = await table({ [name]: value, x: (i) => mix(i, 90) / 7 });
		expect(roles(r)[name]).toBe('ignore');
		expect(r.profile.warnings).toContainEqual(
			expect.objectContaining({ code: 'personal', column: name, text: expect.stringContaining(words) }),
		);
		expect(r.notes.map((n) => n.text).join(' ')).toContain(words);
	});

	it.each([
		['product_name', (i: number) => ['Red Chair', 'Green Table', 'Small Lamp', 'Mark II'][i % 4]],
		['city', (i: number) => ['New York', 'San Jose', 'Los Angeles', 'Boston'][i % 4]],
		['amount', (i: number) => 4_000_000_000_000 + mix(i)],
		['version', (i: number) => `1.${i % 9}.3`],
		['town', (i: number) => ['San Francisco', 'Santa Ana', 'St. Paul', 'Frankfurt', 'Berlin'][mix(i, 5)]],
		['place of work', (i: number) => ['San Jose', 'Santa Maria', 'Port Elizabeth', 'Bad Thomas'][mix(i, 4)]],
		['street kind', (i: number) => ['Street', 'Avenue', 'Road', 'Lane'][mix(i, 4)]],
		['clothing', (i: number) => ['Size 12', '3 pl', 'Set 4', 'Pack 10'][mix(i, 4)]],
		['time of day', (i: number) => `${8 + (i % 9)}:30`],
		['size', (i: number) => `${30 + (i % 9)}-${40 + (i % 5)}`],
	])('%s: is not', async (name, value) => {
		const r = await table({ [name]: value, x: (i) => mix(i, 90) / 7 });
		expect([name, roles(r)[name], warned(r, 'personal')]).toEqual([name, 'feature', []]);
	});

	it.each([
		['article', (i: number) => `00${String(mix(i)).padStart(8, '0').slice(0, 8)}`],
		['serial', (i: number) => `0${String(mix(i)).padStart(9, '0').slice(0, 9)}`],
		['ean', (i: number) => ean(`40${String(mix(i)).padStart(10, '0')}`)],
		['imei', (i: number) => card(i).replace(/^4(.{13}).*/, (_, rest: string) => luhnOf(`35${rest.slice(1)}`))],
		['isbn', (i: number) => isbn(i)],
		['release', (i: number) => `${1 + (i % 3)}.${mix(i, 30)}.${mix(i + 1, 30)}.${mix(i + 2, 60)}`],
		['eleven digits', (i: number) => `8${String(mix(i)).padStart(10, '0')}`],
		['phone_calls', (i: number) => 100_000 + mix(i, 900_000)],
		['children', (i: number) => [4_111_111_111_111_111, 5_000_000_000_000_000][i % 2]],
	])('%s: is a code at most, and nothing of a person', async (name, value) => {
		expect(warned(await table({ [name]: value, x: (i) => mix(i, 90) / 7 }), 'personal')).toEqual([]);
	});

	it.each([
		['birth_date'],
		['dob'],
		['Geburtsdatum'],
		['patientDOB'],
		['date of birth'],
		['fecha de nacimiento'],
		['born'],
		['born_on'],
		['Geboren'],
	])('%s: is flagged by its name, and may still give an age', async (name) => {
		const r = await table({ [name]: (i) => day(-20_000 + mix(i, 15_000)), seen: day, x: (i) => mix(i, 90) / 7 });
		expect([roles(r), warned(r, 'personal')]).toEqual([{ [name]: 'feature', seen: 'time', x: 'feature' }, [name]]);
	});
	it.each([['birthplace'], ['birth_weight'], ['dobermann'], ['bornholm']])('%s: says no day of birth', async (name) => {
		expect(warned(await table({ [name]: (i) => 2_000 + mix(i, 2_000), x: (i) => mix(i, 90) / 7 }), 'personal')).toEqual([]);
	});

	it('a person who says that it is a feature is listened to, and warned', async () => {
		const path = shop.path('said.csv');
		writeFileSync(path, `mail,x\n${Array.from({ length: 60 }, (_, i) => `u${i}@a.example,${i * 1.5}`).join('\n')}\n`);
		const r = await shop.ingest({ source: 'file', params: { path }, roles: { mail: 'feature' } });
		expect([roles(r).mail, warned(r, 'personal')]).toEqual(['feature', ['mail']]);
	});
});

describe('names of rows', () => {
	it.each([
		['id', (i: number) => 5_000_000 + mix(i, 4_000_000)],
		['customerId', (i: number) => 5_000_000 + mix(i >> 1, 4_000_000)],
		['Kunden-Nr.', (i: number) => 800_000 + mix(i % 300, 100_000)],
		['customer number', (i: number) => 10_000 + mix(i % 250, 80_000)],
		['x1', (i: number) => i + 1],
		['sequence with gaps', (i: number) => 20_000 + i * 3 + (i % 3)],
		['sequence in another order', (i: number) => 1_000 + ((i * 7) % 400)],
		['two in a hundred twice', (i: number) => 10_000 + (i % 50 === 1 ? i - 1 : i)],
		['account', (i: number) => 10_000_000 + mix(i, 80_000_000)],
		['nearly all different', (i: number) => 1_000 + (i % 100 === 7 ? i - 1 : i)],
		['code', (i: number) => `C-${String(mix(i, 99_999)).padStart(5, '0')}`],
		['order', (i: number) => `ORD${20_000 + i}`],
		['invoice', (i: number) => `2024/INV/${String(i % 390).padStart(4, '0')}`],
		['ref', (i: number) => `${hex(i, 8)}-${hex(i + 1, 4)}-4${hex(i + 2, 3)}-a${hex(i + 3, 3)}-${hex(i + 4, 12)}`],
		['session', (i: number) => `${hex(i % 200, 8)}-${hex(i % 200, 4)}-4${hex(i % 200, 3)}-a${hex(i % 200, 3)}-${hex(i % 200, 12)}`],
		['digest', (i: number) => hex(i, 40)],
	])('%s: is an id', async (name, value) => {
		const r = await table({ [name]: value, x: (i) => mix(i, 90) / 7 });
		expect([name, roles(r)[name]]).toEqual([name, 'id']);
		expect(warned(r, 'id_like')).toEqual([name]);
	});

	it.each([
		['amount', (i: number) => (100 + mix(i, 9_000_000) / 100).toFixed(2)],
		['salary', (i: number) => 20_000 + ((i * 37) % 20_000)],
		['whole amount', (i: number) => 1_000 + mix(i, 5_000_000)],
		['year', (i: number) => 1600 + i],
		['children number', (i: number) => i % 7],
		['store_id', (i: number) => i % 20],
		['zip', (i: number) => String(1_000 + 13 * mix(i, 150)).padStart(5, '0')],
		['grade', (i: number) => ['A1', 'B2', 'C3'][i % 3]],
		['rooms', (i: number) => mix(i, 30)],
	])('%s: is a feature', async (name, value) => {
		expect([name, roles(await table({ [name]: value, y2: (i) => mix(i + 3, 90) / 7 }))[name]]).toEqual([name, 'feature']);
	});
});

describe('a target that is found by its name', () => {
	it.each([
		['has one value', () => 'no'],
		['is empty', () => ''],
		['is free text', (i: number) => `sentence ${hex(i, 9)} of its own`],
		['holds dates', day],
	])('and %s does not stop the reading; a note says that it is no target to train for', async (_what, value) => {
		const r = await table({ a: (i) => mix(i, 90) / 7, churn: value });
		expect([r.rows, r.target, r.task]).toEqual([400, 'churn', undefined]);
		expect(r.notes.map((n) => n.code)).toEqual(expect.arrayContaining(['data.target_guessed', 'data.target_unfit']));
	});

	it('nor does one that was said', async () => {
		const r = await table({ a: (i) => mix(i, 90) / 7, b: () => 1 }, { target: 'b' });
		expect([r.target, r.task, r.notes.map((n) => n.code)]).toEqual(['b', undefined, expect.arrayContaining(['data.target_unfit'])]);
	});
});
