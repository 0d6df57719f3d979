import { Badge } from '../../components/Badge.js';

const WORDS = {
	ok: ['as usual', 'good'],
	alarm: ['alarm', 'bad'],
	waiting: ['waits', 'neutral'],
	unknown: ['not known', 'neutral'],
} as const;

/** How a window came out, in a word; nothing was looked at where there is none. */
export function VerdictBadge({ verdict }: { verdict: keyof typeof WORDS | undefined }) {
	const [words, tone] = verdict ? WORDS[verdict] : (['not looked at', 'neutral'] as const);
	return <Badge tone={tone}>{words}</Badge>;
}
