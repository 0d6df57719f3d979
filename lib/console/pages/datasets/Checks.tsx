import { useState } from 'preact/hooks';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Name } from '../../components/Name.js';
import { count, many } from '../../data/inWords.js';
import type { Known } from './Dataset.js';

/** Checks that are drawn at once: of a wide table each column may have one. */
const AT_ONCE = 200;

/** What a person should look at before training, each with what to do. */
export function Checks({ known }: { known: Known }) {
	return (
		<>
			<Found known={known} />
			<HowRead known={known} />
		</>
	);
}

/** What was said while the rows were read: a table that was left out, rows that were hidden, types that were guessed. */
function HowRead({ known: { notes, version } }: { known: Known }) {
	const lead = !notes
		? 'This version was made before that was kept: the report of Ingest has it.'
		: notes.length
			? `What was said when the rows of version ${version} were first read.`
			: 'Nothing had to be left out, mended or guessed.';
	return (
		<Card title="How it was read" lead={lead}>
			{notes && notes.length > 0 && (
				<ul class="checks">
					{notes.map(({ code, text }, i) => (
						<li key={i}>
							<Badge tone="neutral">{code.replace(/^[a-z]+\./, '').replaceAll('_', ' ')}</Badge>
							<p>{text}</p>
						</li>
					))}
				</ul>
			)}
		</Card>
	);
}

function Found({ known: { profile, quarantined } }: { known: Known }) {
	const [most, drawMore] = useState(AT_ONCE);
	if (!profile) return <Empty title="This version was made without a profile" />;
	const { warnings, duplicates, rows } = profile;
	const held = warnings.length - most;
	return (
		<Card
			title="Checks"
			lead={
				warnings.length
					? `${many(warnings.length, 'thing')} to look at before training.`
					: 'Nothing was found in the columns that needs a look.'
			}
		>
			<ul class="checks">
				{warnings.slice(0, most).map(({ code, column, text, remedy, certain }, i) => (
					<li key={i}>
						<Badge tone={certain || code === 'leakage' ? 'bad' : 'warn'}>{code.replaceAll('_', ' ')}</Badge>
						<div>
							<p>
								{column && (
									<strong>
										<Name>{column}</Name>:{' '}
									</strong>
								)}
								{text}
							</p>
							<p class="soft">{remedy}</p>
						</div>
					</li>
				))}
			</ul>
			{held > 0 && (
				<p>
					<Button small onClick={() => drawMore(most + AT_ONCE)}>
						Show more
					</Button>{' '}
					<span class="soft">{many(held, 'more thing')}.</span>
				</p>
			)}
			<p class="soft">
				{count(rows)} rows, {duplicates ? `${count(duplicates)} of which repeat an earlier one` : 'none of which repeats another'};{' '}
				{quarantined ? `${count(quarantined)} more could not be read (see Quarantine).` : 'every row of the source could be read.'}
			</p>
		</Card>
	);
}
