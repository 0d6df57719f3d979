import { Field } from '../../components/Field.js';
import { own } from '../../data/own.js';
import { isAsked, WINDOWS, type Offered, type WatchOffered, type Wish } from './wish.js';

interface Asking {
	offered: Offered;
	watch: WatchOffered;
	wish: Wish;
	set: (change: Partial<Wish>) => void;
}

const Whole = ({ label, value, set, hint }: { label: string; value: string; set: (value: string) => void; hint?: string }) => (
	<Field label={label} hint={hint}>
		{(props) => (
			<input {...props} type="number" min="0" step="any" required value={value} onInput={(event) => set(event.currentTarget.value)} />
		)}
	</Field>
);

/** How answers are divided, and by what they are looked at separately. */
function WindowFields({ offered, wish, set }: Asking) {
	const columns = [...new Set([...offered.columns, ...wish.segments])];
	return (
		<>
			<Field label="Windows" hint="Each is looked at once, after it has closed. Days begin at midnight, weeks on Mondays (UTC).">
				{(props) => (
					<select {...props} value={wish.window} onChange={(event) => set({ window: event.currentTarget.value })}>
						{WINDOWS.map(([hours, words]) => (
							<option key={hours} value={String(hours)}>
								{words}
							</option>
						))}
						<option value="hours">so many hours</option>
						<option value="rows">so many answers</option>
					</select>
				)}
			</Field>
			{wish.window === 'hours' && <Whole label="Hours of a window" value={wish.hours} set={(hours) => set({ hours })} />}
			{wish.window === 'rows' && <Whole label="Answers of a window" value={wish.rows} set={(rows) => set({ rows })} />}
			{wish.watch !== 'service' && columns.length > 0 && (
				<fieldset class="choices many">
					<legend>Looked at separately by</legend>
					{columns.map((column) => (
						<label key={column}>
							<input
								type="checkbox"
								checked={wish.segments.includes(column)}
								onChange={({ currentTarget: { checked } }) =>
									set({ segments: checked ? [...wish.segments, column] : wish.segments.filter((one) => one !== column) })
								}
							/>{' '}
							<span class="name" dir="auto">
								{column}
							</span>
						</label>
					))}
				</fieldset>
			)}
		</>
	);
}

/** The watch's own parameters, those for most people or the others. */
function RuleFields({ watch, wish, set, rarely = false }: Asking & { rarely?: boolean }) {
	const fields = watch.fields.filter((field) => field.rarely === rarely && isAsked(field, wish.params));
	return (
		<>
			{fields.map(({ name, title, description, kind, choices = [], placeholder, fallback }) => {
				const value = own(wish.params, name) ?? '';
				const put = (text: string): void => set({ params: { ...wish.params, [name]: text } });
				return (
					<Field key={name} label={title} hint={description}>
						{(props) =>
							kind === 'choice' ? (
								<select {...props} value={value} onChange={(event) => put(event.currentTarget.value)}>
									{choices.map(({ id, label }) => (
										<option key={id} value={id}>
											{label}
										</option>
									))}
								</select>
							) : (
								<input
									{...props}
									inputMode={kind === 'number' ? 'decimal' : 'text'}
									placeholder={placeholder ?? (fallback === undefined ? 'no limit' : undefined)}
									value={value}
									onInput={(event) => put(event.currentTarget.value)}
								/>
							)
						}
					</Field>
				);
			})}
		</>
	);
}

/** How sure an alarm must be, and who hears of it. */
function AlarmFields({ wish, set }: Pick<Asking, 'wish' | 'set'>) {
	return (
		<>
			<Whole
				label="False alarms a year"
				value={wish.falseAlarms}
				set={(falseAlarms) => set({ falseAlarms })}
				hint="How many may be had while nothing is the matter, over all columns and looks together. Fewer take longer to see what is."
			/>
			<Field label="Tell also" hint="E-mail addresses, separated by commas. Those responsible for the model are told anyway.">
				{(props) => (
					<input {...props} placeholder="ann@example.com" value={wish.tell} onInput={(event) => set({ tell: event.currentTarget.value })} />
				)}
			</Field>
		</>
	);
}

/** How often it is looked whether a window has closed. */
const EveryField = ({ wish, set }: Pick<Asking, 'wish' | 'set'>) => (
	<Field label="Minutes between two looks" hint="Empty: an hour, or the length of a window where that is shorter.">
		{(props) => (
			<input
				{...props}
				type="number"
				min="0"
				step="any"
				value={wish.everyMinutes}
				onInput={(event) => set({ everyMinutes: event.currentTarget.value })}
			/>
		)}
	</Field>
);

/** All of how it is judged, what is asked for rarely behind a fold. */
export const HowFields = (asking: Asking) => (
	<>
		<WindowFields {...asking} />
		<RuleFields {...asking} />
		<AlarmFields {...asking} />
		<details>
			<summary>More about how {asking.watch.label} is judged</summary>
			<div class="form more">
				<RuleFields {...asking} rarely />
				<EveryField {...asking} />
			</div>
		</details>
	</>
);
