import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { RunRecord } from '../../../domain/run.js';
import { date, number, plain } from '../../formatting.js';
import { learnerName } from '../../learnerName.js';
import { bullets, html, pairs, type Content } from '../../safeHtml.js';
import { splitText } from '../../splitText.js';
import { metricValue, metricWords, purpose, subject } from '../../reportWords.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput, ModelCardWords } from './input.js';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface Card {
	evaluation: EvaluationRecord;
	run: RunRecord;
	words: ModelCardWords;
}

const AT_RANDOM = 'Rows were divided at random or by group: how it does on a later period was not tested.';
const SPLIT_CAVEATS: Record<RunRecord['split']['used'], string> = {
	time: 'Tested on a later period than it learned from; a further change of the world shows in Monitor Drift.',
	group: AT_RANDOM,
	random: AT_RANDOM,
	none: 'Imported: whether it has seen the rows that it was tested on is not known.',
};

/**
 * The fields of a model card (Mitchell et al., "Model Cards for Model Reporting", 2019): details, intended use, factors, metrics,
 * evaluation data, training data, quantitative analyses, considerations. What nobody wrote down is said to be missing, not made up.
 */
function cardTable({ evaluation, run, words }: Card): Content {
	const unsaid = html`<span class="q">not written down yet</span>`;
	const worst = [...evaluation.slices].sort((a, b) =>
		metricWords(evaluation.primary).better === 'higher' ? a.metric - b.metric : b.metric - a.metric,
	)[0];
	const caveats = [
		...(evaluation.gate.passed ? [] : ['The model did not pass its gate.']),
		...(worst
			? [
					`Weakest group seen: ${plain(worst.column, 40)} = ${plain(worst.value, 40)}, with ` +
						`${metricWords(evaluation.primary).label} ${metricValue(evaluation.primary, worst.metric)} on ${number(worst.rows)} ` +
						`rows.`,
				]
			: []),
		SPLIT_CAVEATS[run.split.used],
		...evaluation.notes.map((n) => n.text),
	];
	return pairs([
		[
			'Model',
			`${words.name ?? subject(evaluation)}${words.version ? `, version ${words.version}` : ''}: ` +
				`${learnerName(run.learner)}, ${evaluation.task}`,
		],
		['Identity', html`<code>${evaluation.model}</code>`],
		...(run.imported
			? [
					['Imported', `from ${run.imported.program} (“${plain(run.imported.fileName, 60)}”, objective ${run.imported.objective})`] as [
						string,
						string,
					],
				]
			: []),
		[
			run.imported ? 'Registered' : 'Trained',
			`${words.trainedAt ? `${date(words.trainedAt)}, ` : ''}package version ${run.codeVersion}, seed ${run.seed}, ${run.backend}`,
		],
		['Contact', words.contact ?? unsaid],
		['Intended use', words.intendedUse ?? html`${capital(purpose(evaluation))}. Further limits: ${unsaid}`],
		['Not meant for', words.outOfScope ?? unsaid],
		[run.imported ? 'Example table' : 'Training data', html`<code>${run.datasetId}</code>. ${splitText(run.split)}`],
		['Evaluation data', html`<code>${evaluation.datasetId}</code>, ${number(evaluation.rows)} test rows`],
		[
			'Scores',
			bullets(
				Object.entries(evaluation.metrics)
					.slice(0, 12)
					.map(
						([id, m]) =>
							`${metricWords(id).label}: ${metricValue(id, m.value)} (95 % interval ${metricValue(id, m.low)} to ` +
							`${metricValue(id, m.high)})`,
					),
			),
		],
		['Factors looked at', [...new Set(evaluation.slices.map((s) => s.column))].slice(0, 8).join(', ') || unsaid],
		['Considerations', html`${words.considerations ?? ''}${bullets(caveats.slice(0, 8))}`],
	]);
}

/** What somebody has to know who is to answer for the model. */
export const modelCard = definePanel<EvaluationInput, Card>({
	id: 'model_card',
	data: ({ evaluation, run, card = {} }) => run && { evaluation, run, words: card },
	draw: (card) => ({ title: 'Model card', full: cardTable(card) }),
});
