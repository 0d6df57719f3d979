import { useState } from 'preact/hooks';
import type { rollout } from '../../../server/console/routes/rolloutRoutes.js';
import { Button } from '../../components/Button.js';
import { Dialog } from '../../components/Dialog.js';
import { Field } from '../../components/Field.js';
import { toast, toastError } from '../../components/Toast.js';
import { api, type AnswerOf } from '../../data/api.js';
import { useMay } from '../../data/myself.js';
import { pathTo } from '../../router/place.js';

type Found = AnswerOf<typeof rollout>;
type What = 'step' | 'promote' | 'abort';

const WORDS = {
	step: {
		title: 'Give the new version its next share?',
		does: 'More callers get the new version from now on.',
		done: 'It has its next share.',
	},
	promote: {
		title: 'Promote the new version?',
		does: 'All callers get it from now on, where gate and approval allow it.',
		done: 'The new version answers all callers now.',
	},
	abort: {
		title: 'Abort the rollout?',
		does: 'All callers get the stable version again.',
		done: 'All callers get the stable version again.',
	},
} as const;

/** What an operator can do with a rollout that runs; each with a reason, and against what was looked at. */
export function Decide({ found: { record, version }, again }: { found: Found; again: () => void }) {
	const may = useMay('operator');
	const [asked, ask] = useState<{ what: What; version: number }>();
	const [reason, setReason] = useState('');
	const [which, setWhich] = useState(record.candidates[0].version);
	const off = may ? false : 'This takes the role operator';
	const send = async (): Promise<void> => {
		const { what, version: expect } = asked!;
		try {
			await api.post(pathTo(`/rollouts/:rollout/${what}`, { rollout: record.id }), {
				reason: reason.trim(),
				expect,
				...(what === 'promote' ? { version: which } : {}),
			});
			toast(WORDS[what].done);
			ask(undefined);
			setReason('');
		} catch (error) {
			toastError(error);
		}
		again();
	};
	return (
		<>
			{record.step + 1 < record.steps.length && (
				<Button onClick={() => ask({ what: 'step', version })} disabled={off}>
					Next step
				</Button>
			)}
			<Button look="primary" onClick={() => ask({ what: 'promote', version })} disabled={off}>
				Promote
			</Button>
			<Button look="danger" onClick={() => ask({ what: 'abort', version })} disabled={off}>
				Abort
			</Button>
			{asked && (
				<Dialog title={WORDS[asked.what].title} close={() => ask(undefined)}>
					<p>{WORDS[asked.what].does}</p>
					{asked.what === 'promote' && record.candidates.length > 1 && (
						<Field label="Which version">
							{(props) => (
								<select {...props} value={which} onChange={(event) => setWhich(Number(event.currentTarget.value))}>
									{record.candidates.map((candidate) => (
										<option key={candidate.version} value={candidate.version}>
											{candidate.version}
										</option>
									))}
								</select>
							)}
						</Field>
					)}
					<Field label="Reason, for the audit log">
						{(props) => (
							<textarea
								{...props}
								rows={3}
								required
								maxLength={2000}
								value={reason}
								onInput={(event) => setReason(event.currentTarget.value)}
							/>
						)}
					</Field>
					<div class="actions">
						<Button look={asked.what === 'abort' ? 'danger' : 'primary'} onClick={send} disabled={reason.trim() ? false : 'Say why first'}>
							{{ step: 'Next step', promote: 'Promote', abort: 'Abort' }[asked.what]}
						</Button>
						<Button onClick={() => ask(undefined)}>Not now</Button>
					</div>
				</Dialog>
			)}
		</>
	);
}
