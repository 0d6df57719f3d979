import { useState } from 'preact/hooks';
import { currentLook, setLook, type Look } from '../data/look.js';
import { Icon } from '../components/Icon.js';

const NEXT: Record<Look, Look> = { auto: 'light', light: 'dark', dark: 'auto' };
const WORDS: Record<Look, string> = { auto: 'as the device', light: 'light', dark: 'dark' };

/** Light, dark, or as the device says; the browser remembers it. */
export function LookSwitch() {
	const [look, change] = useState(currentLook());
	const words = `Colours: ${WORDS[look]}. Change to ${WORDS[NEXT[look]]}`;
	return (
		<button
			type="button"
			class="icon-button"
			aria-label={words}
			title={words}
			onClick={() => {
				setLook(NEXT[look]);
				change(NEXT[look]);
			}}
		>
			<Icon name={look === 'auto' ? 'auto' : look === 'dark' ? 'moon' : 'sun'} />
		</button>
	);
}
