import type { WatchedOver, WatchedWindow } from '../../../domain/watched.js';
import { date, number, percent } from '../../formatting.js';
import { definePanel } from '../panel.js';

/** How much of the truth of each window is known, and how many answers were given. */
export const known = definePanel<WatchedOver, WatchedWindow[]>({
	id: 'watch_known',
	data: ({ windows }) => (windows.some((w) => w.known !== undefined) && windows.length > 1 ? windows : undefined),
	draw(windows) {
		const shares = windows.map(({ rows, known: told = 0 }) => (rows ? told / rows : 0));
		const rows = windows.reduce((n, w) => n + w.rows, 0);
		const told = windows.reduce((n, w) => n + (w.known ?? 0), 0);
		const title = `The truth of ${number(told)} of ${number(rows)} answers is known`;
		return {
			title: 'How much is known',
			hint: 'A window is judged when enough of its truth is known; what is not known yet may be unlike the rest.',
			charts: [
				{
					name: 'truth_known',
					title,
					x: {
						kind: 'bins',
						title: 'window',
						edges: [...windows.map(({ from }) => Date.parse(from)), Date.parse(windows[windows.length - 1].until)],
						dates: true,
					},
					y: { kind: 'number', title: 'share of answers with truth', unit: 'share', from: 0, to: 1 },
					height: 180,
					marks: [
						{
							mark: 'bars',
							track: true,
							series: [
								{
									values: shares,
									color: windows.map(({ verdict }) => (verdict === 'ok' || verdict === 'alarm' ? 'accent' : 'accentSoft')),
								},
							],
							tips: windows.map((w, i) => `${date(w.from, true)}: ${percent(shares[i])} of ${number(w.rows)} answers`),
						},
					],
				},
			],
		};
	},
});
