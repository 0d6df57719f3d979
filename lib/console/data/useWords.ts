import { useEffect, useState } from 'preact/hooks';
import type { words } from '../../server/console/routes/wordRoutes.js';
import { api, type AnswerOf } from './api.js';

type Words = AnswerOf<typeof words>;
export type WordKind = keyof Words;
type Word = Words[WordKind][number];

let known: Map<string, Word> | undefined;
let asking: Promise<void> | undefined;

/** They never change while a server runs: asked for once. */
const ask = async (): Promise<void> => {
	const answer = await api.get<Words>('/words');
	known = new Map(Object.entries(answer).flatMap(([kind, list]) => list.map((word) => [`${kind} ${word.id}`, word] as const)));
};

/** What ids stand for; an id that nobody knows is its own word. */
export function useWords(): (kind: WordKind, id: string) => Pick<Word, 'label'> & Partial<Word> {
	const [, drawn] = useState(0);
	useEffect(() => {
		if (known) return;
		asking ??= ask();
		asking.then(
			() => drawn((n) => n + 1),
			() => (asking = undefined),
		);
	}, []);
	return (kind, id) => known?.get(`${kind} ${id}`) ?? { label: id };
}
