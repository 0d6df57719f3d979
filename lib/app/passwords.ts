import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { MlopsError } from '../domain/errors.js';
import type { PasswordHash } from '../domain/person.js';

/** What new passwords cost: 32 MiB, three times over (OWASP's Password Storage Cheat Sheet, scrypt with N = 2^15). */
const COST = { n: 2 ** 15, r: 8, p: 3 };
const BYTES = 32;
/** One at a time takes one of libuv's threads: the store's files and everything else have the others. */
const AT_ONCE = 1;
/** More would wait longer than anybody waits at a form. */
const MOST_WAITING = 20;

let running = 0;
const waiting: Array<() => void> = [];

/** @throws `serve.overloaded` where too many wait already */
async function derive(password: string, { salt, n, r, p }: Omit<PasswordHash, 'hash'>): Promise<Buffer> {
	if (running >= AT_ONCE) {
		if (waiting.length >= MOST_WAITING)
			throw new MlopsError('serve.overloaded', 'Too many people sign in at this moment.', { remedy: 'Try again a moment later.' });
		// Whoever is done hands the turn on, so that nobody comes in between.
		await new Promise<void>((turn) => waiting.push(turn));
	} else running++;
	try {
		return await new Promise((resolve, reject) =>
			scrypt(password.normalize('NFKC'), Buffer.from(salt, 'base64url'), BYTES, { N: n, r, p, maxmem: 256 * n * r }, (error, derived) =>
				error ? reject(error) : resolve(derived),
			),
		);
	} finally {
		const next = waiting.shift();
		if (next) next();
		else running--;
	}
}

/** What the store keeps of a password. */
export async function hashPassword(password: string): Promise<PasswordHash> {
	const salt = randomBytes(16).toString('base64url');
	return { salt, hash: (await derive(password, { salt, ...COST })).toString('base64url'), ...COST };
}

/** Nobody's: compared with where there is no account, so that this takes as long as where there is one. */
const NOBODY: PasswordHash = { salt: randomBytes(16).toString('base64url'), hash: randomBytes(BYTES).toString('base64url'), ...COST };

/** Whether it is the password that was hashed. Without a hash it never is, and takes as long. */
export async function passwordFits(password: string, known: PasswordHash | undefined): Promise<boolean> {
	const { hash, ...cost } = known ?? NOBODY;
	const expected = Buffer.from(hash, 'base64url');
	const same = timingSafeEqual(await derive(password, cost), expected);
	return same && known !== undefined;
}

export const SHORTEST_PASSWORD = 12;
export const LONGEST_PASSWORD = 256;
const FEWEST_KINDS = 5;

/** Stems of what leaks show most, without the digits and signs that people put around them. */
const COMMON = new Set(
	(
		'password passwort passphrase motdepasse contrasena senha parola secret secrets topsecret administrator admin adminadmin root ' +
		'rootroot welcome welcomeback changeme changemenow changethis letmein letmeinplease letmeinnow iloveyou iloveyousomuch trustno ' +
		'monkey dragon football baseball basketball superman batman starwars princess sunshine master shadow michael jennifer ' +
		'computer internet whatever qwerty qwertyuiop qwertzuiop qwertyqwerty azertyuiop asdfghjkl asdfasdfasdf zxcvbnm qazwsxedc ' +
		'qazwsx abcdef abcdefgh abcdefghijkl correcthorsebatterystaple thisisapassword thisismypassword mypassword yourpassword newpassword ' +
		'defaultpassword testtesttest test testing guest user username login default temporary temp demo example mlops ' +
		'machinelearning nnmlops console monitor summer winter spring autumn january february december monday friday ' +
		'company office passwordpassword iamthebest killer hello helloworld'
	).split(' '),
);

const ROWS = ['01234567890', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'qwertzuiop', 'azertyuiop', 'asdfghjkl', 'zxcvbnm'];
const LEET = new Map(Object.entries({ '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' }));

/**
 * Why a password is not good enough, in a sentence, or undefined. Length counts, not kinds of characters: a sentence that only you know is
 * good; what everybody tries first is not.
 */
export function passwordProblem(password: string, about: { email: string; name: string }): string | undefined {
	const text = password.normalize('NFKC');
	const units = [...text];
	if (units.length < SHORTEST_PASSWORD) return `It has ${units.length} characters; at least ${SHORTEST_PASSWORD} are needed.`;
	if (units.length > LONGEST_PASSWORD) return `It is longer than ${LONGEST_PASSWORD} characters.`;
	const low = text.toLowerCase();
	if (new Set(low).size < FEWEST_KINDS) return `It is made of ${new Set(low).size} different characters.`;
	if (`${low}${low}`.indexOf(low, 1) < low.length) return 'It repeats itself.';
	if (mostlyRow(low)) return 'It follows the keyboard, the alphabet or the numbers.';
	// The digits that people put behind it are no letters; those within may stand for some.
	const core = low.replace(/[^\p{L}]+$/u, '');
	const folded = [...core].map((sign) => LEET.get(sign) ?? sign).join('');
	if ([low, folded].some((form) => COMMON.has(stemOf(form)))) return 'It is one of those that are tried first.';
	const own = [...about.email.split(/[@.]/), ...about.name.split(/\s+/)]
		.map((part) => part.toLowerCase())
		.filter((part) => part.length >= 4);
	const left = own.reduce((rest, part) => rest.replaceAll(part, ''), low).replace(/[^\p{L}]/gu, '');
	if (left.length < 4 && own.some((part) => low.includes(part))) return 'It is little more than your name or address.';
	return undefined;
}

const stemOf = (text: string): string => text.replace(/[^\p{L}]/gu, '');

/** Whether nothing much is left once runs of four and more neighbours, forwards or backwards, are taken out. */
function mostlyRow(text: string): boolean {
	const steps = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);
	let left = 0;
	for (let at = 0; at < text.length; ) {
		let run = 0;
		for (const row of steps) {
			let length = 0;
			while (at + length < text.length && row.includes(text.slice(at, at + length + 1))) length++;
			run = Math.max(run, length);
		}
		if (run < 4) left++;
		at += run < 4 ? 1 : run;
	}
	return left < 4;
}
