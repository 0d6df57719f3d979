import fs from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import readline from 'node:readline';
import type { Store } from '../../lib/store/contract.js';
import type { Execution, Item, NodeRun } from './execution.mts';
import type { Memory } from './memory.mts';
import type { Pulse } from './pulse.mts';

type Json = Item['json'];

/** Names of the drift comparisons of the flagship template. */
const COMPARISONS = ['June against January', 'Halves of January', 'Broken June against January'];

/** One object with everything the demo shows; `--json` prints it. Reports are copied out of the store under readable names. */
export async function summaryOf({
	store,
	execution,
	memory,
	seconds,
	folder,
	page,
	healthzMs,
}: {
	store: Store;
	execution: Execution;
	memory: Memory;
	seconds: number;
	folder: string;
	/** HTML of the approval page. */
	page: string;
	healthzMs: Pulse;
}) {
	const { runData } = execution.data.resultData;
	const items = (node: string): Item[] => runData[node]?.at(-1)?.data?.main.flatMap((o) => o ?? []) ?? [];
	const json = (node: string): Json => items(node)[0]?.json ?? {};
	const stages = Object.entries(runData)
		.filter(([, [run]]) => run.executionTime !== undefined)
		.map(([name, runs]) => {
			const run = runs.at(-1)!;
			return {
				name,
				seconds: run.executionTime / 1000,
				rows: rowsOf(name, json(name)),
				peakMemoryBytes: memory.peak(run.startTime, run.startTime + run.executionTime),
				decided: decisionOf(json(name), name),
				at: run.startTime,
			};
		})
		.sort((a, b) => a.at - b.at)
		.map(({ at: _at, ...stage }) => stage);
	const evaluation = (await store.list('evaluation'))[0];
	const predictions = json('Predict June').predictions;
	const champion = await store.alias('flight-delays', 'champion');
	const [approval] = evaluation ? await store.approvalsFor(evaluation.body.model) : [];
	const files = await copyReports(store, items, runData, folder);
	files.approvalPage = path.join(folder, 'reports', 'approval-page.html');
	fs.writeFileSync(files.approvalPage, page);
	if (predictions?.file) {
		files.predictions = path.join(folder, 'predictions-june.csv');
		await copyPredictions(await store.artifacts.materialise(predictions.file), files.predictions);
	}
	return {
		stages,
		seconds,
		peakMemoryBytes: memory.peak(),
		healthzMs,
		rows: json('Ingest flights').dataset?.rows,
		metrics: Object.fromEntries(Object.entries(evaluation.body.metrics).map(([k, v]) => [k, v.value])),
		intervals: evaluation.body.metrics,
		baseline: evaluation.body.baseline,
		gate: evaluation.body.gate,
		drift: COMPARISONS.map((name) => driftOf(name, json(name).drift)),
		approval: approval && { id: approval.id, status: approval.status, by: approval.decidedBy, comment: approval.comment },
		champion: { model: 'flight-delays', version: champion },
		audit: await store.verify(),
		files,
		folder,
	};
}

/** Row id, true label (1: late) and probability of each flight of June: all that is needed to compute the score again. */
async function copyPredictions(from: string, to: string): Promise<void> {
	const out = fs.createWriteStream(to);
	out.write('row_id,label,probability\n');
	let columns: number[] | undefined;
	for await (const line of readline.createInterface({ input: fs.createReadStream(from) })) {
		const cells = line.split(',');
		if (!columns) columns = ['row', 'label', 'probability'].map((name) => cells.indexOf(name));
		else out.write(`${cells[columns[0]]},${cells[columns[1]] === 'true' ? 1 : 0},${cells[columns[2]]}\n`);
	}
	await finished(out.end());
}

const driftOf = (name: string, drift: Json) => ({
	name,
	mode: drift.mode,
	drifted: drift.drifted,
	columns: drift.driftedColumns,
	scores: Object.fromEntries(Object.entries<{ score: number }>(drift.scores).map(([column, s]) => [column, s.score])),
	default: drift.beside,
});

const rowsOf = (name: string, json: Json): number | undefined =>
	/^(Predict)/.test(name)
		? json.predictions?.rows
		: json.drift
			? json.drift.rows.reference + json.drift.rows.current
			: /Evaluate/.test(name)
				? json.evaluation?.rows
				: /Train/.test(name)
					? json.run && json.run.rows.train + json.run.rows.validation
					: json.dataset?.rows;

function decisionOf(json: Json, name: string): string | undefined {
	if (COMPARISONS.includes(name)) return json.drift?.summary;
	if (/Evaluate/.test(name))
		return (
			json.evaluation &&
			`${json.evaluation.gate.passed ? 'passed' : 'failed'}: ${json.evaluation.primary} ` +
				`${json.evaluation.metrics[json.evaluation.primary].toFixed(4)}, guessing ` +
				`${json.evaluation.baseline[json.evaluation.primary]?.toFixed(4)}`
		);
	if (/Train/.test(name)) return json.run && `${json.run.learner}, ${json.run.backend}`;
	if (/approval/.test(name)) return json.approval && `${json.approval.status} by ${json.approval.by}`;
	if (/Deploy/.test(name)) return json.deployment?.text;
	if (/Predict/.test(name)) return json.predictions && `${json.predictions.model}, ${json.predictions.failed} failed`;
	return undefined;
}

/** Each node's reports under `reports/` by the node's name. */
async function copyReports(
	store: Store,
	items: (node: string) => Item[],
	runData: Record<string, NodeRun[]>,
	folder: string,
): Promise<Record<string, string>> {
	const files: Record<string, string> = {};
	const target = path.join(folder, 'reports');
	fs.mkdirSync(target, { recursive: true });
	for (const node of Object.keys(runData)) {
		const report = items(node)[0]?.json?.report;
		if (!report?.full) continue;
		const file = path.join(target, `${node.toLowerCase().replace(/[^\w]+/g, '-')}.html`);
		fs.copyFileSync(await store.artifacts.materialise(report.full), file);
		files[node] = file;
	}
	return files;
}

/** The same for people. */
export function tableOf(s: Awaited<ReturnType<typeof summaryOf>>): string {
	const rows = s.stages.map((t) => [
		t.name,
		t.rows?.toLocaleString('en') ?? '',
		t.seconds.toFixed(1),
		t.peakMemoryBytes ? megabytes(t.peakMemoryBytes) : '',
		t.decided ?? '',
	]);
	const head = ['stage', 'rows', 'seconds', 'MB', 'decided'];
	const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => (i === 4 ? 0 : r[i].length))));
	const line = (cells: string[]) =>
		cells
			.map((c, i) => (i === 0 || i === 4 ? c.padEnd(widths[i]) : c.padStart(widths[i])))
			.join('  ')
			.trimEnd();
	const drifted = (columns: readonly string[]) => (columns.length ? `drifted in ${columns.join(', ')}` : 'no column drifted');
	const drift = s.drift.map((d) => {
		const scores = Object.entries(d.scores).map(([c, v]) => `${c} ${v.toFixed(4)}`);
		const other = d.default ? `; default mode: ${drifted(d.default.driftedColumns)}` : '';
		return `  ${d.name}: ${drifted(d.columns)} (evidently: ${scores.join(', ')})${other}`;
	});
	const score = `AUC on June ${s.metrics.auc.toFixed(4)} (guessing ${s.baseline.auc?.toFixed(4)})`;
	const memory = s.peakMemoryBytes ? `${megabytes(s.peakMemoryBytes)} MB at peak with n8n` : 'memory not measured here';
	const healthz = `n8n answered /healthz in ${s.healthzMs.p50.toFixed(0)} ms, 99 of 100 times within ${s.healthzMs.p99.toFixed(0)} ms`;
	return `\n${line(head)}\n${widths.map((w) => '-'.repeat(w)).join('  ')}\n${rows.map(line).join('\n')}\n
${score}, champion: version ${s.champion.version}, ${s.approval?.status} by ${s.approval?.by}
Drift\n${drift.join('\n')}
${s.seconds.toFixed(0)} s in all, ${memory}; ${healthz}; audit log verified (${s.audit.events} events)\n
Files\n${Object.entries(s.files)
		.map(([name, file]) => `  ${name}: ${file}`)
		.join('\n')}\n`;
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6).toLocaleString('en');
