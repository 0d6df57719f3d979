import { useWords, type WordKind } from '../data/useWords.js';
import { Help } from './Help.js';

/** What an id stands for, with "What is that?" where it is asked for. */
export function Term({ kind, id, help = false }: { kind: WordKind; id: string; help?: boolean }) {
	const { label, description } = useWords()(kind, id);
	return (
		<span>
			{label}
			{help && description && <Help about={label}>{description}</Help>}
		</span>
	);
}
