import type { Approval } from '../../domain/approval.js';
import type { EvaluationRecord } from '../../domain/evaluation.js';
import type { ItemDeployment } from '../../domain/item.js';
import type { AliasMove } from '../../store/contract.js';
import { date, plain } from '../format.js';
import { makeReport, type Report } from '../report.js';
import { badge, facts, html, pairs, say, table } from '../safeHtml.js';
import { evaluationSentence, gateBoxes } from './evaluation.js';

export interface DeploymentDetails {
	evaluation?: EvaluationRecord;
	approval?: Approval /** Newest first. */;
	history?: readonly AliasMove[];
	reason?: string;
	actor?: string;
}

const version = (v: number | null): string => (v === null ? 'none' : `version ${v}`);

/** What Deploy did or would do, on what grounds, and what served before. */
export function deploymentReport(deployment: ItemDeployment, details: DeploymentDetails = {}): Promise<Report> {
	const d = deployment;
	const { evaluation, approval, history = [] } = details;
	const alias = d.alias ? `“${d.alias}”` : undefined;
	const sentence = d.preview
		? `Nothing was changed: this was a test run. ${alias ? `${alias} of ${d.model} would point to version ${d.version}.` : ''}`.trim()
		: d.moved && alias
			? `${alias} of ${d.model} now points to version ${d.version}${d.previousVersion === null ? '' : `; before, it was version ${d.previousVersion}`}.`
			: d.text;
	return makeReport({
		title: `Deployment of ${d.model}`,
		eyebrow: `Deployment · ${plain(d.model, 60)}`,
		sentence,
		lead: d.text === sentence ? undefined : d.text,
		verdict: d.preview
			? { text: 'preview', tone: 'plain' }
			: d.overridden
				? { text: 'overridden', tone: 'warn' }
				: d.moved
					? { text: 'deployed', tone: 'good' }
					: { text: 'unchanged', tone: 'plain' },
		facts: facts([
			{ label: 'model', value: plain(d.model, 40) },
			{ label: 'version', value: String(d.version) },
			d.alias !== undefined && { label: 'alias', value: d.alias },
			{ label: 'before', value: version(d.previousVersion) },
		]),
		sections: [
			...(d.overridden
				? [
						{
							title: 'Overridden by a person',
							body: say(
								'warn',
								html`${details.actor ?? 'Someone'} deployed this although a rule forbade it. Reason: ${details.reason ?? 'none given'}`,
							),
						},
					]
				: []),
			...(evaluation ? [{ title: 'The gate', body: html`<p>${evaluationSentence(evaluation)}</p>${gateBoxes(evaluation.gate)}` }] : []),
			...(approval
				? [
						{
							title: 'The approval',
							body: pairs([
								[
									'Decision',
									badge(approval.status, approval.status === 'approved' ? 'good' : approval.status === 'pending' ? 'plain' : 'bad'),
								],
								['By', approval.decidedBy ?? '–'],
								['At', approval.decidedAt ? date(approval.decidedAt, true) : '–'],
								['Comment', approval.comment || '–'],
							]),
						},
					]
				: []),
			...(history.length
				? [
						{
							title: 'What served when',
							body: table(
								[{ head: 'When' }, { head: 'Alias' }, { head: 'From' }, { head: 'To' }, { head: 'By' }, { head: 'Why' }],
								history
									.slice(0, 20)
									.map((m) => [date(m.at, true), m.alias, version(m.from), version(m.to), plain(m.actor, 40), plain(m.reason ?? '', 80)]),
							),
						},
					]
				: []),
		],
	});
}
