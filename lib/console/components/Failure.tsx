import type { ComponentChildren } from 'preact';
import type { ApiError } from '../data/api.js';
import { Button } from './Button.js';

/** What went wrong, in words, with what to do about it. The code is for whoever looks it up. */
export const Failure = ({ error, again, children }: { error: ApiError; again?: () => void; children?: ComponentChildren }) => {
	const { remedy, expected, found, column, row } = error.details;
	const facts = [
		['Column', column],
		['Row', row],
		['Expected', expected],
		['Found', found],
	].filter(([, value]) => value !== undefined);
	return (
		<div class="failure" role="alert">
			<p>
				<strong>{error.message}</strong>
			</p>
			{facts.map(([name, value]) => (
				<p key={name} class="soft">
					{name}: {value}
				</p>
			))}
			{remedy && <p>{remedy}</p>}
			<p class="failure-end">
				<code>{error.code}</code>
				{again && <Button onClick={again}>Try again</Button>}
				{children}
			</p>
		</div>
	);
};
