import { useEffect, useState } from 'preact/hooks';
import { fromNow, UNKNOWN } from '../data/inWords.js';

/** Relative times go on by themselves, all by one clock. */
const TICK = 15_000;

/**
 * A moment in the reader's zone: how long ago it was (`relative`, with the date in its tip), or date and time of day. The ISO form is in
 * the tip, too.
 */
export function Time({
	at,
	relative = false,
	seconds = false,
}: {
	at: string | number | null | undefined;
	relative?: boolean;
	seconds?: boolean;
}) {
	const [, tick] = useState(0);
	useEffect(() => {
		if (!relative) return;
		const timer = setInterval(() => tick((n) => n + 1), TICK);
		return () => clearInterval(timer);
	}, [relative]);
	const date = at == null ? undefined : new Date(at);
	if (!date || Number.isNaN(date.getTime())) return <span class="time">{UNKNOWN}</span>;
	const iso = date.toISOString();
	const full = momentText(date, seconds);
	return (
		<time class="time" dateTime={iso} title={relative ? `${full} (${iso})` : iso}>
			{relative ? fromNow(date.getTime()) : full}
		</time>
	);
}

/** Date and time of day in the reader's zone and language, with the zone's name. */
export const momentText = (date: Date, seconds = false): string =>
	date.toLocaleString(undefined, {
		year: 'numeric',
		month: 'short',
		day: 'numeric',
		hour: '2-digit',
		minute: '2-digit',
		...(seconds ? { second: '2-digit' } : {}),
		timeZoneName: 'short',
	});
