import { plain } from '../formatting.js';
import { arms } from '../panels/rollout/arms.js';
import { guards } from '../panels/rollout/guards.js';
import { history } from '../panels/rollout/history.js';
import type { RolloutInput } from '../panels/rollout/input.js';
import { way } from '../panels/rollout/way.js';
import type { Panel } from '../panels/panel.js';
import { makeReport, type Report } from '../makeReport.js';
import { facts } from '../safeHtml.js';

export const ROLLOUT_PANELS: ReadonlyArray<Panel<RolloutInput>> = [way, guards, arms, history];

const VERDICTS = {
	running: { text: 'running', tone: 'plain' },
	promoted: { text: 'promoted', tone: 'good' },
	aborted: { text: 'aborted', tone: 'warn' },
} as const;

/** How a rollout stands: what the truth says, what guards say, what was answered, what happened. */
export function rolloutReport(input: RolloutInput): Promise<Report> {
	const { rollout, record } = input;
	return makeReport(
		{
			title: `Rollout of ${rollout.model}`,
			eyebrow: `Rollout · ${plain(rollout.model, 60)}`,
			sentence: rollout.results?.length ? `${rollout.results.map(({ text }) => text).join('. ')}.` : rollout.text,
			lead: rollout.waits,
			verdict: rollout.preview ? { text: 'preview', tone: 'plain' } : VERDICTS[rollout.state],
			facts: facts([
				{ label: 'alias', value: rollout.alias },
				{ label: 'stable', value: `version ${rollout.stable}` },
				{ label: 'step', value: `${rollout.step} of ${rollout.steps}` },
				record !== undefined && { label: 'since', value: record.startedAt.slice(0, 16).replace('T', ' ') },
			]),
		},
		ROLLOUT_PANELS,
		input,
	);
}
