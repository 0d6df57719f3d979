import { z } from 'zod/v4';
import { defineCommand, EXIT } from '../contract.js';
import { backends } from '../doctor/backends.js';
import { looked, type Check, type Finding } from '../doctor/contract.js';
import { disk } from '../doctor/disk.js';
import { installed } from '../doctor/installed.js';
import { memory } from '../doctor/memory.js';
import { settings } from '../doctor/settings.js';
import { store } from '../doctor/store.js';

/** In the order in which they are told. */
const checks = (measure: boolean): ReadonlyArray<readonly [title: string, check: Check]> => [
	['Installed', installed],
	['Networks', backends(measure)],
	['Store', store],
	['Disk', disk],
	['Memory', memory],
	["n8n's settings", settings],
];

const MARKS = { ok: 'ok     ', warning: 'warning', broken: 'BROKEN ' } as const;

/** What is installed, what works, and what to do. */
export const doctor = defineCommand({
	name: 'doctor',
	does: 'Says what is installed, what works (it is really tried), and what to do; ends with 1 where something is broken.',
	options: z.object({
		measure: z
			.boolean()
			.default(false)
			.meta({ description: 'Measure anew how fast each backend for networks is here, which is what Automatic goes by' }),
	}),
	examples: [
		'mlops doctor',
		'mlops doctor --measure',
		'docker exec n8n node /home/node/.n8n/nodes/node_modules/n8n-nodes-mlops/dist/lib/cli/mlops.js doctor',
	],
	async run({ measure }, desk) {
		const steps = checks(measure);
		const groups: Array<{ title: string; findings: Finding[] }> = [];
		for (const [at, [title, check]] of steps.entries()) {
			desk.context.progress({ stage: title, share: at / steps.length });
			groups.push({ title, findings: await looked(title, check, desk) });
		}
		const all = groups.flatMap(({ findings }) => findings);
		const count = (state: Finding['state']): number => all.filter((finding) => finding.state === state).length;
		const broken = count('broken');
		return {
			json: { ok: broken === 0, warnings: count('warning'), broken, findings: all },
			exit: broken ? EXIT.failed : EXIT.done,
			text: [
				...groups.flatMap(({ title, findings }) => [title, ...findings.flatMap(lines), '']),
				`${broken} broken, ${count('warning')} warnings, ${count('ok')} ok.`,
			].join('\n'),
		};
	},
});

const lines = ({ about, state, text, remedy }: Finding): string[] => [
	`  ${MARKS[state]}  ${about}: ${text}`,
	...(remedy ? [`           ${remedy}`] : []),
];
