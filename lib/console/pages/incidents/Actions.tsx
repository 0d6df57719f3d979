import { useState } from 'preact/hooks';
import type { IncidentAction } from '../../../domain/incident.js';
import { Button } from '../../components/Button.js';
import { Dialog } from '../../components/Dialog.js';
import { Field } from '../../components/Field.js';
import { toast, toastError } from '../../components/Toast.js';
import { api, ApiError } from '../../data/api.js';
import { useMay } from '../../data/myself.js';
import { pathTo } from '../../router/place.js';
import type { Shown } from './Incident.js';

interface Act {
	action: IncidentAction;
	/** On its button, and what is said when it is done. */
	label: string;
	done: string;
	look?: 'primary' | 'danger';
}

const ACTS: Record<IncidentAction, Act> = {
	acknowledge: { action: 'acknowledge', label: 'I look after it', done: 'You look after it.', look: 'primary' },
	snooze: { action: 'snooze', label: 'Snooze', done: 'Snoozed.' },
	wake: { action: 'wake', label: 'End the snooze', done: 'The snooze has ended.' },
	comment: { action: 'comment', label: 'Comment', done: 'Your comment is kept.' },
	close: { action: 'close', label: 'Close it', done: 'Closed.', look: 'danger' },
	reopen: { action: 'reopen', label: 'Open again', done: 'It is open again.', look: 'primary' },
};

const HOUR_MS = 3_600_000;
const SPANS = [
	['1', 'an hour'],
	['8', 'eight hours'],
	['24', 'a day'],
	['72', 'three days'],
	['168', 'a week'],
] as const;

/** What can be done with an incident as it stands. */
export function Actions({ shown, again }: { shown: Shown; again: () => void }) {
	const [asked, ask] = useState<Act>();
	const may = useMay('operator');
	const { state } = shown.record;
	const possible: IncidentAction[] =
		state === 'closed'
			? ['reopen']
			: [...(state === 'acknowledged' ? [] : (['acknowledge'] as const)), state === 'snoozed' ? 'wake' : 'snooze', 'comment', 'close'];
	return (
		<>
			{possible.map((action) => (
				<Button
					key={action}
					look={ACTS[action].look ?? 'plain'}
					disabled={may ? false : 'This takes the role operator'}
					onClick={() => ask(ACTS[action])}
				>
					{ACTS[action].label}
				</Button>
			))}
			{asked && <Asking act={asked} shown={shown} close={() => ask(undefined)} again={again} />}
		</>
	);
}

function Asking({ act, shown, close, again }: { act: Act; shown: Shown; close: () => void; again: () => void }) {
	const [text, setText] = useState('');
	const [hours, setHours] = useState('24');
	const [wrong, setWrong] = useState<string>();
	const send = async (): Promise<void> => {
		if (act.action === 'comment' && text.trim() === '') return setWrong('Write what others should know.');
		try {
			await api.post(pathTo('/incidents/:incident/:action', { incident: shown.record.id, action: act.action }), {
				version: shown.version,
				...(text.trim() ? { text } : {}),
				...(act.action === 'snooze' ? { until: new Date(Date.now() + Number(hours) * HOUR_MS).toISOString() } : {}),
			});
			toast(act.done);
			close();
		} catch (error) {
			if (error instanceof ApiError && error.status === 400) setWrong(error.message);
			else toastError(error);
		}
		again();
	};
	return (
		<Dialog title={act.label} close={close}>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					void send();
				}}
			>
				{act.action === 'snooze' && (
					<Field label="For" hint="Nobody is told of it until then, unless it gets worse.">
						{(props) => (
							<select {...props} value={hours} onChange={(event) => setHours(event.currentTarget.value)}>
								{SPANS.map(([value, words]) => (
									<option key={value} value={value}>
										{words}
									</option>
								))}
							</select>
						)}
					</Field>
				)}
				<Field label={act.action === 'comment' ? 'Comment' : 'Why (may be left empty)'} error={wrong}>
					{(props) => (
						<textarea {...props} rows={3} maxLength={2_000} value={text} onInput={(event) => setText(event.currentTarget.value)} />
					)}
				</Field>
				<p class="actions">
					<Button onClick={close}>Cancel</Button>
					<Button type="submit" look={act.look ?? 'primary'}>
						{act.label}
					</Button>
				</p>
			</form>
		</Dialog>
	);
}
