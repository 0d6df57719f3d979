/**
 * A file as people keep it, and the same customers as one would wish it: what a newcomer reads first. Seeded, so that a failure can be
 * looked at again.
 */

interface Customer {
	id: string;
	mail: string;
	since: Date;
	plan: string;
	amount: number;
	calls: number;
	months: number;
	paperless: boolean;
	churned: boolean;
}

const DAY = 86_400_000;
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const two = (n: number): string => String(n).padStart(2, '0');
const iso = (d: Date): string => d.toISOString().slice(0, 10);

/** Five spellings of a day, none of which could be another day. */
const DATES: Array<(d: Date) => string> = [
	iso,
	(d) => `${two(d.getUTCDate())}.${two(d.getUTCMonth() + 1)}.${d.getUTCFullYear()}`,
	(d) => `${d.getUTCFullYear()}/${two(d.getUTCMonth() + 1)}/${two(d.getUTCDate())}`,
	(d) => `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()].slice(0, 3)} ${d.getUTCFullYear()}`,
	(d) => `${MONTHS[d.getUTCMonth()]} ${d.getUTCDate()}, ${d.getUTCFullYear()}`,
];
/** Four of an amount. */
const MONEY: Array<(v: number) => string> = [
	(v) => `€ ${v.toFixed(2).replace('.', ',')}`,
	(v) => `${v.toFixed(2)} EUR`,
	(v) => `$${v.toFixed(2)}`,
	(v) => `${v.toFixed(2).replace('.', ',')} €`,
];
/** Six of yes, and as many of no. */
const YES = ['yes', 'Yes', 'YES', 'y', 'Y', 'yes '];
const NO = ['no', 'No', 'NO', 'n', 'N', 'no '];

/** Mulberry32: 32 bits of state, good enough to make up customers. */
function numbers(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};
}

function customers(rows: number, next: () => number): Customer[] {
	return Array.from({ length: rows }, (_, i) => {
		const plan = ['basic', 'standard', 'premium'][Math.floor(next() * 3)];
		const amount = Math.round((plan === 'premium' ? 45 : plan === 'standard' ? 25 : 9) * (0.7 + next() * 0.6) * 100) / 100;
		const months = Math.floor(next() * 60);
		const calls = Math.floor(next() ** 2 * 9);
		const paperless = next() < 0.55;
		const lift = -1.2 + 0.75 * calls - 0.06 * months + 0.03 * amount + (paperless ? 0.9 : 0);
		const churned = next() < 1 / (1 + Math.exp(-lift));
		const id = `C-${String(100_000 + i)}`;
		return {
			id,
			mail: `customer.${i}@example.com`,
			since: new Date(Date.UTC(2025, 5, 30) - months * 30 * DAY - Math.floor(next() * 30) * DAY),
			plan,
			amount,
			calls,
			months,
			paperless,
			churned,
		};
	});
}

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const csv = (header: string[], rows: string[][]): string => `${[header, ...rows].map((r) => r.map(quoted).join(',')).join('\n')}\n`;

const REASONS = ['too expensive', 'moved away', 'competitor', 'service'];

/**
 * `messy`: five spellings of dates, four of money, six of yes, a column that only customers who left have, e-mails, ids, and every
 * twentieth row once more under another id. `clean`: the same customers, each once, one spelling, and no column that knows the answer.
 */
export function churnFiles(seed: number, rows = 3_000): { messy: string; clean: string } {
	const next = numbers(seed);
	const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)];
	const copies = Math.floor(rows / 20);
	const people = customers(rows - copies, next);
	const word = (yes: boolean): string => pick(yes ? YES : NO);
	const messyRow = (c: Customer): string[] => [
		c.id,
		c.mail,
		pick(DATES)(c.since),
		c.plan,
		pick(MONEY)(c.amount),
		String(c.calls),
		String(c.months),
		word(c.paperless),
		c.churned ? pick(REASONS) : '',
		word(c.churned),
	];
	const all = people.map(messyRow);
	for (let k = 0; k < copies; k++) {
		const [, , ...rest] = all[k * 19];
		all.push([`C-${String(900_000 + k)}`, `copy.${k}@example.com`, ...rest]);
	}
	const header = [
		'customer_id',
		'email',
		'signup_date',
		'plan',
		'monthly_fee',
		'support_calls',
		'months',
		'paperless',
		'cancel_reason',
		'churned',
	];
	const cleanRow = (c: Customer): string[] => [
		iso(c.since),
		c.plan,
		c.amount.toFixed(2),
		String(c.calls),
		String(c.months),
		c.paperless ? 'yes' : 'no',
		c.churned ? 'yes' : 'no',
	];
	return {
		messy: csv(header, all),
		clean: csv(
			header.filter((h) => !['customer_id', 'email', 'cancel_reason'].includes(h)),
			people.map(cleanRow),
		),
	};
}
