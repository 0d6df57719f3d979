import fc from 'fast-check';

const pad = (n: number, width = 2) => String(n).padStart(width, '0');
/** A text and what it means; `undefined`: nothing that can be read. */
export interface Spelling<T = number> {
	text: string;
	value: T | undefined;
	mark?: '.' | ',';
}

const blank = fc.constantFrom('', ' ', '\u00a0', '\u202f');
const money = fc.constantFrom('€', '$', '£', '¥', '₹', 'EUR', 'USD', 'CHF', 'eur', 'US$', 'A$', 'zł', 'Fr.', 'kr');
const minus = fc.constantFrom('-', '\u2212');
const digits = fc.oneof(
	fc.tuple(fc.nat(9_999_999), fc.option(fc.nat(9_999).map(String), { nil: undefined })),
	fc.tuple(
		fc.nat(99),
		fc.option(
			fc.integer({ min: 0, max: 999 }).map((n) => pad(n, 3)),
			{ nil: undefined },
		),
	),
	fc.tuple(fc.nat(999_999_999), fc.constantFrom('00', '50', '5', '0', '000001', undefined)),
	fc.tuple(
		fc.constant(0),
		fc.double({ min: 0, max: 1, noNaN: true }).map((x) => x.toFixed(17).slice(2)),
	),
	fc.tuple(
		fc.nat(99_999),
		fc.nat(99).map((n) => pad(n)),
	),
);

/** Numbers as people and programs write them, with their value. `mark` is needed where the text alone could be read in two ways. */
export const numberSpellings: fc.Arbitrary<Spelling> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc
			.record({
				digits,
				mark: fc.constantFrom<'.' | ','>('.', ','),
				group: fc.constantFrom('', '', 'other', ' ', '\u00a0', '\u202f', "'", '\u2019'),
				negative: fc.constantFrom('', '', '', '-', '\u2212', '(', 'trailing'),
				money: fc.option(money, { nil: undefined, freq: 3 }),
				before: fc.boolean(),
				blank,
				plus: fc.boolean(),
			})
			.map(({ digits: [whole, fraction], mark, group: g, negative, money: m, before, blank: b, plus }): Spelling => {
				const group = g === 'other' ? (mark === '.' ? ',' : '.') : g;
				const grouped = String(whole).replace(/\B(?=(?:\d{3})+$)/g, group);
				const core = `${grouped}${fraction === undefined ? '' : mark + fraction}`;
				const sized = m === undefined ? core : before ? `${m}${b}${core}` : `${core}${b}${m}`;
				const text =
					negative === '('
						? `(${sized})`
						: negative === 'trailing'
							? m === undefined
								? `${sized}-`
								: sized
							: negative
								? negative + sized
								: plus && !/ |\u00a0|\u202f/.test(group)
									? `+${sized}`
									: sized;
				const size = Number(`${whole}.${fraction ?? '0'}`);
				const less = negative === '(' || negative === '-' || negative === '\u2212' || (negative === 'trailing' && m === undefined);
				return { text, value: (less ? -size : size) + 0, mark };
			}),
	},
	{
		weight: 3,
		arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => ({ text: String(x), value: x + 0, mark: '.' as const })),
	},
	{ weight: 3, arbitrary: fc.integer().map((x) => ({ text: String(x), value: x, mark: '.' as const })) },
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.nat(4))
			.map(([x, n]) => ({ text: `${x.toFixed(n)}kg`, value: Number(x.toFixed(n)) + 0, mark: '.' as const }))
			.filter(({ text }) => !text.startsWith('-0')),
	},
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -20, max: 20 }))
			.map(([a, e]) => ({ text: `${a}e${e}`, value: Number(`${a}e${e}`) + 0, mark: '.' as const })),
	},
	{ weight: 1, arbitrary: fc.tuple(minus, fc.nat(999)).map(([m, n]) => ({ text: `${m} ${n}`, value: -n + 0, mark: '.' as const })) },
	{
		weight: 1,
		arbitrary: fc
			.constantFrom(
				'1.2.3',
				'1,23,4',
				'12-3',
				'--5',
				'1e',
				'.',
				',',
				'-',
				'1_000',
				'0x10',
				'inf',
				'١٢',
				'12:30',
				'1 2',
				'00',
				'007',
				'-0',
				'-0.00',
				'1.',
				'.5',
				'',
				'5 €$',
				'€ 5 $',
				'(5',
				'(-5)',
				'+-5',
				'1,234.5,6',
				'1.234.56',
			)
			.map((text) => ({ text, value: undefined })),
	},
);

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LONG = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
export const day = fc.oneof(
	fc.date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true }),
	fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }),
	fc.constantFrom('2024-02-29', '2000-02-29', '1999-12-31', '1970-01-01').map((d) => new Date(d)),
);
/** Zones as they are written behind an ISO time, with the minutes they are ahead. */
const zone = fc.oneof(
	fc.constantFrom(['', 0], ['Z', 0], ['z', 0], ['UTC', 0], ['GMT', 0], ['+00:00', 0], ['-00:00', 0]),
	fc.tuple(fc.integer({ min: -14, max: 14 }), fc.constantFrom(0, 30, 45), fc.constantFrom(':', '', 'short')).map(([h, m, kind]) => {
		const minutes = kind === 'short' ? 0 : m;
		const sign = h < 0 ? '-' : '+';
		return [`${sign}${pad(Math.abs(h))}${kind === 'short' ? '' : kind + pad(minutes)}`, (h < 0 ? -1 : 1) * (Math.abs(h) * 60 + minutes)];
	}),
) as fc.Arbitrary<[string, number]>;

/** ISO 8601 as people and programs write it. */
export const isoSpellings: fc.Arbitrary<Spelling> = fc
	.record({
		day,
		bare: fc.boolean(),
		between: fc.constantFrom('T', ' ', 't', '  '),
		parts: fc.constantFrom('day', 'minutes', 'seconds', 'fraction'),
		point: fc.constantFrom('.', ','),
		places: fc.integer({ min: 1, max: 9 }),
		gap: fc.constantFrom('', ' '),
		zone,
		hour: fc.boolean(),
	})
	.map(({ day: d, bare, between, parts, point, places, gap, zone: [z, ahead], hour }) => {
		const [mo, dd, h] = [d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours()];
		let text = `${pad(d.getUTCFullYear(), 4)}-${bare ? mo : pad(mo)}-${bare ? dd : pad(dd)}`;
		let value = Date.UTC(2000, mo - 1, dd);
		const at = new Date(value);
		at.setUTCFullYear(d.getUTCFullYear(), mo - 1, dd);
		value = at.getTime();
		if (parts === 'day') return { text, value };
		text += `${between}${hour ? h : pad(h)}:${pad(d.getUTCMinutes())}`;
		value += (h * 60 + d.getUTCMinutes()) * 60_000;
		if (parts !== 'minutes') {
			text += `:${pad(d.getUTCSeconds())}`;
			value += d.getUTCSeconds() * 1000;
		}
		if (parts === 'fraction') {
			const fraction = `${pad(d.getUTCMilliseconds(), 3)}123456`.slice(0, places);
			text += point + fraction;
			value += Number(fraction.slice(0, 3).padEnd(3, '0'));
		}
		return { text: text + (z ? gap + z : ''), value: value - ahead * 60_000 };
	});

/** Other spellings, each with the names of those it could be (grammar/date.ts). */
export const otherSpellings: fc.Arbitrary<Spelling & { names: string[] }> = fc
	.record({
		day,
		bare: fc.boolean(),
		long: fc.boolean(),
		time: fc.constantFrom('', 'minutes', 'seconds', 'half'),
		kind: fc.nat(9),
		upper: fc.boolean(),
	})
	.map(({ day: date, bare, long, time, kind, upper }) => {
		const d = new Date(date.getTime());
		d.setUTCSeconds(time === 'seconds' ? d.getUTCSeconds() : 0, 0);
		if (!time) d.setUTCHours(0, 0, 0, 0);
		const n = (x: number) => (bare ? String(x) : pad(x));
		const [y, mo, dd, h] = [pad(d.getUTCFullYear(), 4), d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours()];
		const word = (long ? LONG : MONTHS)[mo - 1];
		const kinds: Array<[string, string]> = [
			[`${y}/${n(mo)}/${n(dd)}`, '%Y/%m/%d'],
			[`${n(mo)}/${n(dd)}/${y}`, '%m/%d/%Y'],
			[`${n(dd)}/${n(mo)}/${y}`, '%d/%m/%Y'],
			[`${n(dd)}.${n(mo)}.${y}`, '%d.%m.%Y'],
			[`${n(dd)}-${n(mo)}-${y}`, '%d-%m-%Y'],
			[`${n(mo)}-${n(dd)}-${y}`, '%m-%d-%Y'],
			[`${word} ${n(dd)}, ${y}`, '%b %d %Y'],
			[`${n(dd)} ${word} ${y}`, '%d %b %Y'],
			[`${n(dd)}-${upper ? word.toUpperCase() : word}-${y}`, '%d %b %Y'],
			[`${word} ${n(dd)} ${y}`, '%b %d %Y'],
		];
		const [text, name] = kinds[kind];
		const clock =
			time === ''
				? ''
				: time === 'half'
					? ` ${h % 12 || 12}:${pad(d.getUTCMinutes())} ${h < 12 ? 'AM' : 'pm'}`
					: ` ${pad(h)}:${pad(d.getUTCMinutes())}${time === 'seconds' ? `:${pad(d.getUTCSeconds())}` : ''}`;
		return { text: text + clock, value: d.getTime(), names: [name] };
	});

/** ISO 8601 without marks (20240131T0905Z), and with the hour alone. */
export const basicSpellings: fc.Arbitrary<Spelling & { names: string[] }> = fc
	.record({
		day: fc.date({ min: new Date('1900-01-02T00:00:00Z'), max: new Date('2099-12-30T00:00:00Z'), noInvalidDate: true }),
		marks: fc.boolean(),
		between: fc.constantFrom('T', 't'),
		parts: fc.constantFrom('hour', 'minutes', 'seconds', 'fraction'),
		point: fc.constantFrom('.', ','),
		gap: fc.constantFrom('', ' '),
		zone,
	})
	.map(({ day: d, marks, between, parts, point, gap, zone: [z, ahead] }) => {
		const whole = new Date(d);
		if (parts === 'hour' || marks) whole.setUTCMinutes(0);
		if (parts === 'hour' || parts === 'minutes' || marks) whole.setUTCSeconds(0);
		if (parts !== 'fraction' || marks) whole.setUTCMilliseconds(0);
		const [date, time] = whole.toISOString().replace('Z', '').split('T');
		const [hms, ms] = time.replaceAll(':', '').split('.');
		const clock = parts === 'hour' || marks ? hms.slice(0, 2) : parts === 'minutes' ? hms.slice(0, 4) : hms;
		const text = `${marks ? date : date.replaceAll('-', '')}${between}${clock}${parts === 'fraction' && !marks ? point + ms : ''}`;
		return { text: text + (z ? gap + z : ''), value: whole.getTime() - ahead * 60_000, names: [marks ? '%Y-%m-%dT%H' : '%Y%m%dT%H%M%S'] };
	});

export const dateSpellings: fc.Arbitrary<Spelling> = fc.oneof(
	{ weight: 3, arbitrary: isoSpellings },
	{ weight: 3, arbitrary: otherSpellings },
	{ weight: 1, arbitrary: basicSpellings },
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.integer({ min: 0, max: 2100 }), fc.nat(14), fc.nat(33))
			.map(([y, m, d]) => ({ text: `${pad(y, 4)}-${pad(m)}-${pad(d)}`, value: undefined })),
	},
);
