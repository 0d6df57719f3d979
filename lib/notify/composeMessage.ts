import { dictionary } from '../domain/dictionary.js';
import { WATCHES } from '../domain/watches.js';
import type { ItemEvent } from '../domain/serverEvent.js';
import type { ItemWatched } from '../domain/watched.js';
import { itemAnswer, itemJson, type ItemAnswer, type ItemJson } from '../domain/item.js';
import { count, date, duration, humanize, list, number, percent, plain } from '../report/formatting.js';
import { learnerName } from '../report/learnerName.js';
import { metricValue, metricWords, purposeFact } from '../report/reportWords.js';
import { taskById } from '../task/index.js';
import { metricById } from '../task/metrics/index.js';
import { feedbackText } from './feedbackText.js';
import type { Message, Severity } from './contract.js';

type Part = Pick<Message, 'title' | 'text' | 'severity'>;
type Fact = Message['facts'][number];
/** Where a report lies, or a server is, says nothing to people. */
type Key = Exclude<keyof ItemJson, 'report' | 'server'>;
const KEYS = (Object.keys(itemJson.shape) as Array<keyof ItemJson>).filter((key): key is Key => key !== 'report' && key !== 'server');

/** What people may set themselves; empty texts count as not given. */
export interface MessageOverrides {
	title?: string;
	text?: string;
	severity?: Severity;
	links?: Message['links'];
	images?: Message['images'];
}

/** The parts of an item that are what they claim to be; a user's own column called `model` is none. */
function readItem(item: Record<string, unknown>): ItemJson {
	const known = dictionary<unknown>();
	for (const key of KEYS) {
		const parsed = itemJson.shape[key].safeParse(item[key]);
		if (parsed.success && parsed.data !== undefined) known[key] = parsed.data;
	}
	return known as ItemJson;
}

const modelName = (i: ItemJson): string => {
	if (i.deployment) return `${i.deployment.model} version ${i.deployment.version}`;
	if (i.model?.name) return `${i.model.name}${i.model.version ? ` version ${i.model.version}` : ''}`;
	return i.dataset?.target ? `the model for “${i.dataset.target}”` : 'the model';
};
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const STATUS: Record<NonNullable<ItemJson['approval']>['status'], [string, Severity]> = {
	pending: ['Approval asked for', 'info'],
	approved: ['Approved', 'success'],
	rejected: ['Rejected', 'warning'],
	expired: ['Approval ran out', 'warning'],
	closed: ['Approval closed', 'warning'],
};

/** How good a model is, on which rows that was seen, and what each rule found. Too few rows to judge by are no failure. */
function evaluationPart(e: NonNullable<ItemJson['evaluation']>, i: ItemJson): Part {
	const { gate, primary } = e;
	const guessing = e.baseline[primary] === undefined ? '' : `; guessing gives ${metricValue(primary, e.baseline[primary])}`;
	const found = gate.passed ? 'passed its checks' : gate.refused ? 'could not be judged' : 'did not pass its checks';
	return {
		title: `${capital(modelName(i))} ${found}`,
		text: [
			`${metricWords(primary).label} is ${metricValue(primary, e.metrics[primary])} on ${count(e.rows, 'test row')}${guessing}.`,
			...(gate.judged ? [`Judged on ${gate.judged}`] : []),
			...gate.reasons.slice(0, 8).map((r) => `${r.passed ? '✓' : gate.refused ? '…' : '✗'} ${r.text}`),
		].join('\n'),
		severity: gate.passed ? 'success' : gate.refused ? 'warning' : 'error',
	};
}

const WATCHED: Record<ItemWatched['verdict'], [string, Severity]> = {
	ok: ['as usual', 'success'],
	alarm: ['not as it should be', 'warning'],
	waiting: ['not known yet', 'info'],
	unknown: ['not known', 'info'],
};

/** What a look over a model's answers found: the conclusion, what is out of order, and how much of the truth is known. */
function watchedPart({ watch, model, drifted, verdict, summary, since, findings, windows }: ItemWatched): Part {
	const [words, severity] = WATCHED[drifted ? 'alarm' : verdict];
	const rows = windows.reduce((n, w) => n + w.rows, 0);
	const known = windows.reduce((n, w) => n + (w.known ?? 0), 0);
	const whys = findings.flatMap(({ why }) => (why === undefined || summary.includes(why) ? [] : [why]));
	return {
		title: `${WATCHES[watch][0]} of ${model}: ${words}`,
		text: [
			summary,
			...whys.slice(0, 8).map((why) => `✗ ${why}`),
			...(since === undefined ? [] : [`Since ${date(since, true)}.`]),
			...(windows.some((w) => w.known !== undefined) && rows > 0
				? [`The truth of ${percent(known / rows)} of ${count(rows, 'answer')} is known.`]
				: []),
		].join('\n'),
		severity,
	};
}

const EVENT_TITLES: Record<ItemEvent['kind'], string> = {
	aliasMoved: 'Another version is in use',
	rolloutStep: 'A rollout goes on',
	rolloutAborted: 'A rollout was aborted',
	rolloutPromoted: 'A rollout ended well',
	alert: 'The data have drifted',
	incidentOpened: 'Something is the matter with a model',
	incidentClosed: 'An incident is over',
	truthReceived: 'The truth came back',
	approvalAsked: 'An approval is asked for',
	approvalDecided: 'An approval was decided',
	serverTrouble: 'The model server has trouble',
	serverStarted: 'The model server is ready',
};
const EVENT_SEVERITY: Partial<Record<ItemEvent['kind'], Severity>> = {
	rolloutAborted: 'warning',
	rolloutPromoted: 'success',
	alert: 'warning',
	incidentClosed: 'success',
	serverTrouble: 'error',
	serverStarted: 'success',
};

/** How each part of an item reads when it is the newest. */
const PARTS: { [K in Key]: (part: NonNullable<ItemJson[K]>, item: ItemJson) => Part } = {
	dataset: (d) => ({
		title: `Dataset ${d.name} version ${d.version} is ready`,
		text:
			`It holds ${count(d.rows, 'row')} and ` +
			`${count(d.columnCount, 'column')}.${d.quarantined ? ` ${count(d.quarantined, 'row')} could not be read.` : ''}`,
		severity: d.quarantined ? 'warning' : 'info',
	}),
	profile: (p, i) => ({
		title:
			`${i.dataset ? `Dataset ${i.dataset.name}` : 'The data'}: ` +
			`${p.warnings.length ? count(p.warnings.length, 'thing to look at', 'things to look at') : 'nothing stands out'}`,
		text: [`${count(p.rows, 'row')} and ${count(p.columns, 'column')}.`, ...p.warnings.slice(0, 5).map((w) => w.text)].join('\n'),
		severity: p.warnings.length ? 'warning' : 'info',
	}),
	pages: (p) => ({
		title: `Page ${p.page} for the dataset ${p.name} is kept`,
		text: `It holds ${count(p.rows, 'row')}; up to now there are ${p.rowsSoFar.toLocaleString('en')}.`,
		severity: 'info',
	}),
	recipe: (r, i) => ({
		title: `${i.dataset ? `Dataset ${i.dataset.name}` : 'The data'} will be prepared in ${count(r.steps.length, 'step')}`,
		text: r.steps
			.slice(0, 8)
			.map((s) => `${humanize(s.step)}${s.reason ? `: ${s.reason}` : ''}`)
			.join('\n'),
		severity: 'info',
	}),
	run: (r, i) => ({
		title: `${capital(modelName(i))} was trained`,
		text:
			`${learnerName(r.learner)} learned from ${count(r.rows.train, 'row')} in ${duration(r.seconds)}: ` +
			`${metricWords(r.primary).label} ${metricValue(r.primary, r.metrics[r.primary])} on validation ` +
			`rows.${r.reused ? ' The stored run was used again, since nothing had changed.' : ''}`,
		severity: 'success',
	}),
	model: (_, i) => ({ title: `${capital(modelName(i))}`, text: 'A model is ready.', severity: 'info' }),
	evaluation: evaluationPart,
	deployment: (d) => ({
		title: d.preview
			? `Test run: ${d.model} version ${d.version} would be deployed`
			: d.moved
				? `${d.model} version ${d.version} is now ${d.alias ?? 'registered'}`
				: `${d.model} version ${d.version}: nothing was moved`,
		text: d.text,
		severity: d.overridden || d.changes?.length ? 'warning' : d.preview || !d.moved ? 'info' : 'success',
	}),
	rollout: (r) => ({
		title: r.preview
			? `Test run: nothing changed for ${r.model}`
			: r.state === 'running'
				? `${r.model}: ${r.candidates.map((c) => `version ${c.version}`).join(', ')} is being let in`
				: r.state === 'promoted'
					? `${r.model}: a rollout was promoted`
					: `${r.model}: a rollout was aborted`,
		text: [r.text, ...(r.findings ?? []).filter((f) => f.broken).map((f) => f.text)].join('\n'),
		severity: r.state === 'aborted' ? 'warning' : r.state === 'promoted' && !r.preview ? 'success' : 'info',
	}),
	imported: (m, i) => ({
		title: `${capital(modelName(i))} was imported from ${m.program}`,
		text: `It has ${count(m.trees, 'tree')} and predicts “${m.target}”. What it is worth is not known until it is evaluated.`,
		severity: 'info',
	}),
	exported: (e) => ({
		title: `${capital(e.model)} was written as ${e.label}`,
		text: `It is ${count(e.files.length, 'file')}.`,
		severity: 'info',
	}),
	onnx: (o) => ({
		title: `${capital(o.model)} was written as ONNX`,
		text:
			`The file takes ${count(o.inputs, 'input')} and gives ${count(o.outputs, 'output')}. What they mean stands in the ` +
			`description beside it.`,
		severity: 'info',
	}),
	predictions: (p) => ({
		title: `${count(p.rows, 'prediction')} by ${p.model}${p.version ? ` version ${p.version}` : ''}`,
		text: p.failed ? `${count(p.failed, 'row')} could not be predicted; each has its reason in the item.` : 'All rows were predicted.',
		severity: p.failed ? 'warning' : 'success',
	}),
	feedback: (f) => ({
		title: `What turned out to be true of ${count(f.rows - f.refused - f.empty, 'answer')} was told`,
		text: [feedbackText(f), ...(f.notes ?? []).map(({ text }) => text)].join('\n'),
		severity: f.refused ? 'warning' : 'success',
	}),
	drift: (d) => ({
		title: d.drifted ? `The data have drifted: ${list(d.driftedColumns, 4) || 'see the report'}` : 'The data are stable',
		text: d.summary,
		severity: d.drifted ? 'warning' : 'success',
	}),
	watched: watchedPart,
	watching: (w) => ({
		title: w.preview ? `Test run: ${w.model} would be watched` : `${w.model} is watched`,
		text: w.text,
		severity: w.preview ? 'info' : 'success',
	}),
	event: (e) => ({
		title: `${EVENT_TITLES[e.kind]}${e.model ? `: ${e.model}` : ''}`,
		text: [e.what, ...(e.reason && !e.what.includes(e.reason) ? [`Reason: ${e.reason}`] : []), `By ${e.actor}, ${date(e.at, true)}.`].join(
			'\n',
		),
		severity: e.changes?.length
			? 'warning'
			: e.kind === 'incidentOpened'
				? e.severity === 'tell'
					? 'warning'
					: 'error'
				: (EVENT_SEVERITY[e.kind] ?? 'info'),
	}),
	notYet: (text) => ({ title: 'A node could not do its work yet', text, severity: 'warning' }),
	approval: (a, i) => ({
		title: `${STATUS[a.status][0]}: ${modelName(i)}`,
		text: a.by
			? `${capital(a.status)} by ${a.by}${a.at ? ` on ${date(a.at, true)}` : ''}.${a.comment ? `\n“${a.comment}”` : ''}`
			: a.status === 'pending'
				? 'Open the link to see what it is about and to decide.'
				: '',
		severity: STATUS[a.status][1],
	}),
};

/** The answer to one row: what it is, and why. */
const answerPart = ({ prediction, probability, reasons = [], warnings = [], answeredBy }: ItemAnswer, { dataset }: ItemJson): Part => ({
	title:
		`${dataset?.target && !finds(dataset) ? `“${dataset.target}”` : 'Prediction'}: ${plain(prediction, 60)}` +
		(probability === undefined ? '' : ` (${percent(probability)})`),
	text: [`Answered by ${answeredBy}.`, ...reasons.slice(0, 5), ...warnings.slice(0, 5)].join('\n'),
	severity: warnings.length ? 'warning' : 'info',
});

const finds = ({ task }: NonNullable<ItemJson['dataset']>): string | undefined => task && taskById(task).finds;

/** What is predicted or found, where an item knows it. */
function aboutModel(dataset: NonNullable<ItemJson['dataset']>): Fact | undefined {
	const { task, target } = dataset;
	if (task && finds(dataset)) return purposeFact({ task, target: '' });
	return target === undefined ? undefined : { label: 'Predicts', value: target };
}

/** What guessing gives; nothing where that has no meaning. */
const guessing = ({ primary, baseline }: NonNullable<ItemJson['evaluation']>): string =>
	primary in baseline || !metricById(primary)?.withoutTruth ? ` (guessing ${metricValue(primary, baseline[primary])})` : '';

/** Facts in the order of the work, whatever the newest part is. */
function factsOf(i: ItemJson): Fact[] {
	const facts: Array<Fact | undefined | false> = [
		i.dataset && { label: 'Data', value: `${i.dataset.name} version ${i.dataset.version}, ${count(i.dataset.rows, 'row')}` },
		i.dataset && aboutModel(i.dataset),
		i.run && { label: 'Model', value: `${learnerName(i.run.learner)}, trained in ${duration(i.run.seconds)}` },
		i.evaluation && {
			label: metricWords(i.evaluation.primary).label,
			value: `${metricValue(i.evaluation.primary, i.evaluation.metrics[i.evaluation.primary])}${guessing(i.evaluation)}`,
		},
		i.evaluation?.champion && {
			label: 'Against the model in use',
			value:
				`${i.evaluation.champion.difference >= 0 ? '+' : ''}${number(i.evaluation.champion.difference)} against ` +
				`${i.evaluation.champion.against} (p = ${number(i.evaluation.champion.pValue, 2)})`,
		},
		i.evaluation && {
			label: 'Checks',
			value: i.evaluation.gate.passed ? 'passed' : i.evaluation.gate.refused ? 'could not be judged' : 'failed',
		},
		i.approval && { label: 'Approval', value: `${i.approval.status}${i.approval.by ? ` by ${i.approval.by}` : ''}` },
		i.deployment && {
			label: 'Deployment',
			value:
				`${i.deployment.alias ?? 'registered'}: version ` +
				`${i.deployment.version}${i.deployment.previousVersion === null ? '' : `, before version ${i.deployment.previousVersion}`}` +
				`${i.deployment.overridden ? ', overridden' : ''}`,
		},
		i.predictions && {
			label: 'Predictions',
			value: `${number(i.predictions.rows)}${i.predictions.failed ? `, ${number(i.predictions.failed)} failed` : ''}`,
		},
		i.event?.incident !== undefined && { label: 'Incident', value: i.event.incident },
		!!i.event?.responsible?.length && { label: 'Responsible', value: list(i.event.responsible, 6) },
		i.drift && {
			label: 'Drift',
			value: i.drift.drifted ? `${percent(i.drift.share)} of the columns: ${list(i.drift.driftedColumns, 6)}` : 'none',
		},
		i.watched && { label: WATCHES[i.watched.watch][0], value: WATCHED[i.watched.verdict][0] },
	];
	return facts.filter((f) => f !== undefined && f !== false);
}

/** A part that has a page in the console links to it. */
function consoleLinks(part: unknown): Message['links'] {
	const { page } = (part ?? {}) as { page?: unknown };
	return typeof page === 'string' ? [{ label: 'Look at it in the console', url: page }] : [];
}

/**
 * A message that a person can read, made from whatever the item carries. The newest part (the one its node added last) gives title
 * and text, the others become facts. An item with none of our parts gives its plain fields as facts.
 */
export function composeMessage(item: Record<string, unknown>, overrides: MessageOverrides = {}): Message {
	const known = readItem(item);
	// Nodes append their key, so the order of keys is the order of the work. A model or recipe never says more than what follows from it.
	const order = Object.keys(item).filter((key): key is Key => key in known);
	const says = (key: Key) => key !== 'model' && key !== 'recipe' && (key !== 'profile' || known.profile?.warnings.length);
	const last = order.filter(says).at(-1) ?? order.at(-1);
	// What Predict gives since its second version comes first, to be seen in a table, as does what could not be done yet; what is watched
	// or decided afterwards still stands last.
	const inFront = order[0] === 'predictions' || order[0] === 'notYet' ? order[0] : undefined;
	const answer = itemAnswer.safeParse(item);
	const later = last === 'drift' || last === 'watched' || last === 'approval';
	const newest = later || !inFront ? last : inFront;
	const none: Part = { title: 'A message from your workflow', text: '', severity: 'info' };
	const ofKey = (key: Key): Part => (PARTS[key] as (p: unknown, i: ItemJson) => Part)(known[key], known);
	const part = answer.success && !later ? answerPart(answer.data, known) : newest ? ofKey(newest) : none;
	const facts = newest
		? factsOf(known)
		: Object.entries(item)
				.filter(([, v]) => v !== null && typeof v !== 'object')
				.slice(0, 12)
				.map(([label, v]) => ({ label, value: plain(v, 200) }));
	return {
		title: overrides.title?.trim() || part.title,
		text: overrides.text?.trim() || part.text,
		severity: overrides.severity ?? part.severity,
		facts,
		links: [...(overrides.links ?? []), ...consoleLinks(newest && known[newest])],
		...(overrides.images?.length ? { images: overrides.images } : {}),
		data: item,
	};
}
