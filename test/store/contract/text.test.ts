import fc from 'fast-check';
import { askForApproval, decideApproval } from '../../../lib/app/approval.js';
import { cutText, personText, wellFormed } from '../../../lib/domain/text.js';
import { datasetBody, versionBody } from '../records.js';
import { describeStores } from './places.js';

/** Any UTF-16 units, many of them halves of characters, joiners, accents and NULs. */
const unit = fc
	.oneof(
		fc.integer({ min: 0xd800, max: 0xdfff }),
		fc.integer({ min: 0, max: 0xffff }),
		fc.constantFrom(0, 0x1b, 0x200d, 0x301, 0x65, 0xfffd, 0xd83d, 0xde00, 0x202e, 0x22, 0x5c),
	)
	.map((code) => String.fromCharCode(code));
const text = fc.array(unit, { minLength: 1, maxLength: 12 }).map((units) => units.join(''));

describeStores('text of people', (stage) => {
	it('whatever it is, 12,000 texts in events, names, reasons, comments, notes and logs are written, read again and verified', async () => {
		const digest = await stage.store.artifacts.put('package a');
		const texts = fc.sample(text, { numRuns: 12_000, seed: 25 });
		expect(texts.filter((t) => !t.isWellFormed()).length).toBeGreaterThan(6_000);
		const at = new Date().toISOString();
		let next = 0;
		const some = (count: number): string[] => texts.slice(next, (next += count));
		const written: Array<{ actor: string; subject: string; details: { text: string; many: string[]; reason: string } }> = [];
		// Most in few transactions, since each is synced: a log of predictions, a body with many notes, details with lists.
		await stage.store.logPredictions(
			some(6_000).map((t) => ({
				at,
				model: `m ${t}`,
				digest: t,
				requestId: t,
				input: { [t]: t },
				prediction: t,
				score: [1],
				alias: t,
				error: t,
			})),
		);
		const body = await versionBody(stage.store, 'churn', 'a');
		for (let i = 0; i < 20; i++)
			await stage.store.add(
				'modelVersion',
				some(1)[0],
				{ ...body, description: some(1)[0], tags: Object.fromEntries(some(200).map((t, k) => [`${k} ${t}`, t])) },
				{ memo: some(1)[0] },
			);
		for (let i = 0; i < 12; i++) {
			const [actor, action, subject, reason] = some(4);
			const details = { text: some(1)[0], many: some(145), reason };
			await stage.store.audit({ actor, action: `said ${action}`, subject, details });
			written.push({ actor, subject, details });
		}
		for (let i = 0; i < 5; i++) {
			const [model, alias, actor, reason, comment, title, approver] = some(7);
			await stage.store.add('modelVersion', model, body);
			await stage.store.moveAlias(model, alias, 1, { actor, reason });
			await stage.store.moveAlias(model, alias, null, { actor, reason: comment });
			await stage.store.setPolicy(model, { approvalRequired: true, gateRequired: false }, actor, reason);
			await stage.store.archive(model, 1, actor, reason);
			const approval = await stage.store.createApproval({
				subject: { title, modelName: model, model: digest },
				approvers: [approver],
				expiresAt: new Date(Date.now() + 60_000).toISOString(),
				executionId: title,
				items: digest,
			});
			await stage.store.decideApproval(approval.id, 'rejected', approver, comment);
			await stage.store.setProgress(title, { stage: title });
		}
		expect(next).toBeGreaterThan(10_000);
		await stage.reopen();
		expect((await stage.store.verify()).exceptions).toBeUndefined();
		const events = (await stage.store.auditLog()).filter((e) => e.action.startsWith('said')).reverse();
		expect(events.map(({ actor, subject, details }) => ({ actor, subject, details }))).toEqual(
			written.map(({ actor, subject, details }) => ({
				actor: personText(actor),
				subject: wellFormed(subject),
				details: { text: wellFormed(details.text), many: details.many.map(wellFormed), reason: personText(details.reason) },
			})),
		);
		const logged = await stage.store.predictions({});
		expect(logged).toHaveLength(6_000);
		expect(logged.every((e) => [e.model, e.requestId, e.alias!, e.error!].every((t) => t.isWellFormed()))).toBe(true);
	}, 120_000);

	it('a comment that the page cuts is cut between characters, and the store verifies', async () => {
		for (const [i, tail] of [
			'\u{1F600} and more',
			'\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466} family',
			'e\u0301 accent',
			'\u{1F1E9}\u{1F1EA} flag',
			'\ud83d',
			'\u0000\u0000',
		].entries()) {
			const { approval, tokens } = await askForApproval(stage.store, {
				title: 't',
				approvers: ['Zoe\u0308 <zoe@example.com>'],
				expiresMinutes: 5,
				modelName: 'churn',
				items: [],
			});
			await decideApproval(stage.store, tokens[0].token, 'rejected', 'x'.repeat(1999) + tail);
			const { comment, decidedBy } = (await stage.store.approval(approval.id))!;
			expect([i, comment!.replace(/x{1999}/, '')]).toEqual([i, ['', '', '', '', '\uFFFD', '\uFFFD'][i]]);
			expect(decidedBy).toBe('Zo\u00eb <zoe@example.com>');
		}
		await stage.reopen();
		await stage.store.verify();
	});

	it('names are found under whatever is asked for, and two spellings of a half are one name', async () => {
		const body = await datasetBody(stage.store, 'one');
		const added = await stage.store.add('dataset', 'a \ud83d', body, { memo: 'key \udc00' });
		await stage.store.add('modelVersion', 'm \ud800', await versionBody(stage.store, 'm', 'a'));
		await stage.store.moveAlias('m \ud800', 'live \ud800', 1, { actor: 'ann@example.com' });
		await stage.reopen();
		expect((await stage.store.find('dataset', 'a \ud83d'))!.id).toBe(added.id);
		expect((await stage.store.find('dataset', 'a \uFFFD'))!.id).toBe(added.id);
		expect((await stage.store.recall('dataset', 'key \udc00'))!.id).toBe(added.id);
		expect(await stage.store.alias('m \ud800', 'live \ud800')).toBe(1);
		expect(await stage.store.aliases('m \udfff')).toEqual({ 'live \uFFFD': 1 });
		expect(await stage.store.auditLog({ subject: 'm \ud800' })).toHaveLength(2);
		await stage.store.verify();
	});

	it('names with a NUL, an accent in two letters or only spaces come back as they were given', async () => {
		for (const name of ['a\u0000b', 'e\u0301', ' ', '__proto__', 'constructor', '\u202e', 'x'.repeat(5_000)]) {
			const { id } = await stage.store.add('dataset', name, await datasetBody(stage.store, name));
			expect((await stage.store.find('dataset', name))!).toMatchObject({ id, name });
		}
		await stage.reopen();
		expect((await stage.store.names('dataset')).sort()).toEqual(
			['a\u0000b', 'e\u0301', ' ', '__proto__', 'constructor', '\u202e', 'x'.repeat(5_000)].sort(),
		);
		await stage.store.verify();
	});
});

describe('cutting', () => {
	it('never leaves half a character, never grows, and leaves short texts alone (10,000 texts)', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(50), (given, most) => {
				const cut = cutText(given, most);
				expect(cut.length).toBeLessThanOrEqual(most);
				expect(cut.isWellFormed()).toBe(true);
				expect(given.startsWith(cut)).toBe(true);
				if (given.length <= most) expect(cut).toBe(given);
			}),
			{ numRuns: 10_000 },
		);
	});
});
