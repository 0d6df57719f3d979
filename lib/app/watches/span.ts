import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';

/** Which answers are looked over, and in which windows: what all watches take besides their own parameters. */
export const watchSpan = z.object({
	from: z.string().default('').meta({
		title: 'From',
		description: 'First moment of the answers to look at. Empty: thirty windows back. A date, or an expression.',
		placeholder: '2026-01-31',
	}),
	until: z.string().default('').meta({
		title: 'Until',
		description: 'End of these answers, itself not included. Empty: now. A date, or an expression.',
		placeholder: '2026-02-28',
	}),
	window: z
		.enum(['hour', 'day', 'week', 'rows', 'all'])
		.default('day')
		.meta({
			title: 'Windows',
			description: 'How these answers are divided. Days begin at midnight, weeks on Mondays (UTC).',
			labels: { hour: 'Hours', day: 'Days', week: 'Weeks', rows: 'So Many Answers Each', all: 'All in One' },
		}),
	windowRows: z
		.number()
		.int()
		.min(10)
		.default(1000)
		.meta({ title: 'Answers a Window', description: 'How many answers are looked at together', when: { window: ['rows'] } }),
	segments: columnsParam({
		title: 'Segments',
		description: 'Columns by whose values the answers are looked at separately as well.',
	}),
	falseAlarmsAYear: z.number().positive().default(1).meta({
		title: 'False Alarms a Year',
		description: 'How many a year may be had, were such windows looked at all year',
		advanced: true,
	}),
});
export type WatchSpan = z.infer<typeof watchSpan>;
