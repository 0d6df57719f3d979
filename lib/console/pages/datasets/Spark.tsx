import type { ColumnProfile } from '../../../domain/profile.js';

const [WIDTH, HEIGHT] = [96, 24];

/** The shape of a column in a few bars, as an SVG of its own: a table of hundreds of columns needs no charts for it. */
export function Spark({ column: { histogram, top } }: { column: ColumnProfile }) {
	const counts = histogram?.counts ?? top?.map(({ count }) => count) ?? [];
	const most = Math.max(...counts, 1);
	if (counts.length === 0) return <span class="soft">–</span>;
	const width = WIDTH / counts.length;
	return (
		<svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
			{counts.map((count, i) => {
				const height = count ? Math.max(1, (count / most) * HEIGHT) : 0;
				return <rect key={i} x={i * width} y={HEIGHT - height} width={Math.max(width - 1, 0.5)} height={height} />;
			})}
		</svg>
	);
}
