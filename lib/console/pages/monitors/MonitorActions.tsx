import { useState } from 'preact/hooks';
import type { MonitorRecord } from '../../../domain/monitor.js';
import { Button } from '../../components/Button.js';
import { Dialog } from '../../components/Dialog.js';
import { Field } from '../../components/Field.js';
import { Form } from '../../components/Form.js';
import { toast, toastError } from '../../components/Toast.js';
import { api } from '../../data/api.js';
import { useMay } from '../../data/myself.js';
import { pathTo } from '../../router/place.js';
import { goTo } from '../../router/router.js';

/** A monitor is changed, paused, resumed, or ended for good. */
export function MonitorActions({
	monitor: { id, state, revision },
	small = false,
	again,
}: {
	monitor: Pick<MonitorRecord, 'id' | 'state'> & { revision: number };
	small?: boolean;
	/** Something has changed. */
	again: () => void;
}) {
	const [ending, setEnding] = useState(false);
	const [reason, setReason] = useState('');
	const may = useMay('operator');
	const off = may ? (state === 'ended' ? 'It has ended' : false) : 'This takes the role operator';
	const turn = async (to: MonitorRecord['state'], why = ''): Promise<void> => {
		await api.post(pathTo('/monitors/:monitor', { monitor: id }), { state: to, revision, ...(why.trim() ? { reason: why } : {}) });
		again();
	};
	const press = async (to: MonitorRecord['state'], words: string): Promise<void> => {
		try {
			await turn(to);
			toast(`${id} ${words}.`);
		} catch (error) {
			toastError(error);
			again();
		}
	};
	return (
		<>
			<Button small={small} disabled={off} label={`Change ${id}`} onClick={() => goTo(pathTo('/quality/:id/change', { id }))}>
				Change
			</Button>
			{state === 'paused' ? (
				<Button small={small} disabled={off} label={`Resume ${id}`} onClick={async () => await press('active', 'looks again')}>
					Resume
				</Button>
			) : (
				<Button small={small} disabled={off} label={`Pause ${id}`} onClick={async () => await press('paused', 'is paused')}>
					Pause
				</Button>
			)}
			<Button small={small} look="danger" disabled={off} label={`Delete ${id}`} onClick={() => setEnding(true)}>
				Delete
			</Button>
			{ending && (
				<Dialog title="Delete this monitor?" close={() => setEnding(false)}>
					<p>
						<span class="name">{id}</span> never looks again, and an incident that it alone shows is closed. What it found stays, with who
						deleted it.
					</p>
					<Form
						submit="Delete it"
						look="danger"
						beside={<Button onClick={() => setEnding(false)}>Cancel</Button>}
						send={async () => {
							await turn('ended', reason);
							setEnding(false);
							toast(`${id} has ended.`);
						}}
					>
						<Field label="Why (may be left empty)">
							{(props) => (
								<textarea {...props} rows={2} maxLength={2_000} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
							)}
						</Field>
					</Form>
				</Dialog>
			)}
		</>
	);
}
