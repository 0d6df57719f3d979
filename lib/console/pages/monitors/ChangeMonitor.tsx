import { useState } from 'preact/hooks';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Failure } from '../../components/Failure.js';
import { Form } from '../../components/Form.js';
import { Skeleton } from '../../components/Skeleton.js';
import { toast } from '../../components/Toast.js';
import { View } from '../../components/View.js';
import { api } from '../../data/api.js';
import { useLive } from '../../data/live.js';
import { useMay } from '../../data/myself.js';
import { pathTo } from '../../router/place.js';
import { goTo } from '../../router/router.js';
import type { PageProps } from '../page.js';
import { HowFields } from './Fields.js';
import { WatchedHeading } from './NewMonitor.js';
import { requestOf, wishOf, type Known, type Offered, type Wish } from './wish.js';

/** How a monitor looks, to be changed. Its model and what it watches stay: another one is made for that. */
export function ChangeMonitor({ params: { monitor } }: PageProps) {
	const known = useLive<Known>(pathTo('/monitors/:monitor', { monitor }));
	const model = known.data?.model;
	const offered = useLive<Offered>(model === undefined ? undefined : pathTo('/models/:model/watches', { model }));
	const title = known.data ? `Change ${known.data.label} of ${known.data.model}` : 'Change a monitor';
	return (
		<View
			title={title}
			heading={known.data ? <WatchedHeading label={known.data.label} model={known.data.model} /> : title}
			above={[
				['Quality and drift', '/quality'],
				[monitor, pathTo('/quality/:monitor', { monitor })],
			]}
			lead={known.data && `Whose answers: ${known.data.alias}. Another model, alias or version takes another monitor.`}
		>
			{known.error && <Failure error={known.error} again={known.again} />}
			{offered.error && <Failure error={offered.error} again={offered.again} />}
			{(known.loading || (model !== undefined && offered.loading)) && <Skeleton label="Asking how it looks" />}
			{known.data && offered.data && <Changing known={known.data} offered={offered.data} />}
		</View>
	);
}

function Changing({ known, offered }: { known: Known; offered: Offered }) {
	const may = useMay('operator');
	const watch = offered.watches.find(({ id }) => id === known.watch)!;
	const [wish, setWish] = useState<Wish>(() => wishOf(known, watch));
	const set = (change: Partial<Wish>): void => setWish((before) => ({ ...before, ...change }));
	const path = pathTo('/quality/:monitor', { monitor: known.id });
	const asking = { offered, watch, wish, set };
	return (
		<Card>
			<Form
				submit="Keep"
				disabled={may ? (known.state === 'ended' ? 'It has ended: make another one' : false) : 'This takes the role operator'}
				beside={<Button onClick={() => goTo(path)}>Cancel</Button>}
				send={async () => {
					await api.post(pathTo('/monitors/:monitor', { monitor: known.id }), { ...requestOf(wish, watch), revision: known.revision });
					toast('Kept. It holds for the windows that close from now on.');
					goTo(path);
				}}
			>
				<HowFields {...asking} />
			</Form>
		</Card>
	);
}
