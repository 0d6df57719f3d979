import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useQuery } from '../router/router.js';

const PAUSE = 250;

/** Looks for a text in names; it stands in the address (`?text=`), a moment after the last key. */
export function Search({ label, name = 'text' }: { label: string; name?: string }) {
	const [asked, ask] = useQuery(name);
	const [text, setText] = useState(asked);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const id = useId();
	useEffect(() => () => clearTimeout(timer.current), []);
	return (
		<div class="search">
			<label class="hidden" for={id}>
				{label}
			</label>
			<input
				id={id}
				type="search"
				placeholder={label}
				value={text}
				maxLength={200}
				spellcheck={false}
				onInput={({ currentTarget: { value } }) => {
					setText(value);
					clearTimeout(timer.current);
					timer.current = setTimeout(() => ask(value.trim()), PAUSE);
				}}
			/>
		</div>
	);
}
