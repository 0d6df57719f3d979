import { useState } from 'preact/hooks';
import type { WatchId } from '../../../domain/watches.js';
import type { makeMonitors } from '../../../server/console/routes/monitorRoutes.js';
import type { models } from '../../../server/console/routes/modelRoutes.js';
import { Badge } from '../../components/Badge.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Form } from '../../components/Form.js';
import { Name } from '../../components/Name.js';
import { Skeleton } from '../../components/Skeleton.js';
import { toast, toastError } from '../../components/Toast.js';
import { View } from '../../components/View.js';
import { api, type AnswerOf, type EntryOf } from '../../data/api.js';
import { useLive, usePaged } from '../../data/live.js';
import { useMay } from '../../data/myself.js';
import { pathTo } from '../../router/place.js';
import { goTo, Link, useQuery } from '../../router/router.js';
import { HowFields } from './Fields.js';
import { firstWish, requestOf, whoseOf, type Offered, type Wish } from './wish.js';

const NO_ROLE = 'This takes the role operator';

/** Watches a model: all that can be watched of it with one press, or one thing as it is wished. */
export function NewMonitor() {
	const list = usePaged<EntryOf<typeof models>>('/models?limit=200');
	const [asked, choose] = useQuery('model');
	const names = (list.entries ?? []).map(({ name }) => name);
	const model = asked || names[0];
	const offered = useLive<Offered>(model ? pathTo('/models/:model/watches', { model }) : undefined);
	return (
		<View
			title="Watch a model"
			above={[['Quality and drift', '/quality']]}
			lead="From then on this server looks at the model's answers by itself, and opens an incident where something is the matter."
		>
			{list.error && <Failure error={list.error} again={list.again} />}
			{list.entries?.length === 0 && (
				<Empty
					title="There is no model to watch yet"
					steps={['Train a model in n8n and register it with Deploy.', 'Come back here: everything else is filled in.']}
				/>
			)}
			{names.length > 0 && (
				<Field label="Model">
					{(props) => (
						<select {...props} value={model} onChange={(event) => choose(event.currentTarget.value)}>
							{[...new Set([...names, ...(asked ? [asked] : [])])].map((name) => (
								<option key={name} value={name}>
									{name}
								</option>
							))}
						</select>
					)}
				</Field>
			)}
			{offered.error && <Failure error={offered.error} again={offered.again} />}
			{(list.loading || (model && offered.loading)) && <Skeleton label="Asking what can be watched" />}
			{model && offered.data && <All model={model} offered={offered.data} again={offered.again} />}
			{model && offered.data && <One key={model} model={model} offered={offered.data} />}
		</View>
	);
}

/** For whoever does not want to think about it: everything that is not watched yet. */
function All({ model, offered: { watches, aliases }, again }: { model: string; offered: Offered; again: () => void }) {
	const may = useMay('operator');
	const open = watches.filter(({ not, monitors }) => !not && monitors.length === 0);
	const known = watches.filter(({ monitors }) => monitors.length > 0);
	const press = async (): Promise<void> => {
		try {
			const { text } = await api.post<AnswerOf<typeof makeMonitors>>('/monitors', { model });
			toast(text);
			goTo('/quality');
		} catch (error) {
			toastError(error);
			again();
		}
	};
	const off = may ? (aliases.includes('champion') ? false : 'No version answers as champion yet') : NO_ROLE;
	return (
		<Card title="Everything, with what fits most" lead="Windows of a day (of an hour for the service), one false alarm a year at most.">
			<ul class="watch-list">
				{watches.map(({ id, label, asks, not, monitors }) => (
					<li key={id}>
						<strong>{label}</strong> <span class="soft">{not ? `Not of this model: ${not}.` : `${asks}.`}</span>{' '}
						{monitors.map((monitor) => (
							<Link key={monitor} to={pathTo('/quality/:monitor', { monitor })} label={`${label} is watched by ${monitor}`}>
								<Badge tone="good">watched</Badge>
							</Link>
						))}
					</li>
				))}
			</ul>
			{open.length > 0 ? (
				<p class="actions">
					<Button look="primary" disabled={off} onClick={press}>
						{known.length > 0 ? 'Watch the rest, too' : 'Watch all of it'}
					</Button>
				</p>
			) : (
				<p>All that can be watched of it is.</p>
			)}
		</Card>
	);
}

/** One thing, as somebody wishes it. */
function One({ model, offered }: { model: string; offered: Offered }) {
	const may = useMay('operator');
	const possible = offered.watches.filter(({ not }) => !not);
	const [wish, setWish] = useState<Wish>(() => firstWish(offered, possible[0]));
	const watch = possible.find(({ id }) => id === wish.watch)!;
	const set = (change: Partial<Wish>): void => setWish((before) => ({ ...before, ...change }));
	const choose = (id: WatchId): void => {
		const { tell, whose } = wish;
		setWish({ ...firstWish(offered, possible.find((one) => one.id === id)!), tell, whose });
	};
	const send = async (): Promise<void> => {
		const request = { ...requestOf(wish, watch), ...whoseOf(wish), model, watch: wish.watch };
		const { monitors, text } = await api.post<AnswerOf<typeof makeMonitors>>('/monitors', request);
		toast(text);
		goTo(pathTo('/quality/:monitor', { monitor: monitors[0].id }));
	};
	const asking = { offered, watch, wish, set };
	return (
		<Card title="One thing, as you wish" lead={<>{watch.asks}.</>}>
			<Form submit="Watch it" send={send} disabled={may ? false : NO_ROLE}>
				<Field label="What is watched">
					{(props) => (
						<select {...props} value={wish.watch} onChange={(event) => choose(event.currentTarget.value as WatchId)}>
							{possible.map(({ id, label }) => (
								<option key={id} value={id}>
									{label}
								</option>
							))}
						</select>
					)}
				</Field>
				<WhoseField offered={offered} wish={wish} set={set} />
				<HowFields {...asking} />
			</Form>
		</Card>
	);
}

const WhoseField = ({
	offered: { aliases, versions },
	wish,
	set,
}: {
	offered: Offered;
	wish: Wish;
	set: (change: Partial<Wish>) => void;
}) => (
	<Field label="Whose answers" hint="Of an alias, whichever version it points to; or of one version, by whichever alias it is asked.">
		{(props) => (
			<select {...props} value={wish.whose} onChange={(event) => set({ whose: event.currentTarget.value })}>
				{aliases.map((alias) => (
					<option key={alias} value={`alias ${alias}`}>
						{alias}
					</option>
				))}
				{versions.map((version) => (
					<option key={version} value={`version ${version}`}>
						version {version} alone
					</option>
				))}
			</select>
		)}
	</Field>
);

/** The model and what is watched of it, which a monitor keeps for good. */
export const WatchedHeading = ({ label, model }: { label: string; model: string }) => (
	<>
		{label} of <Name>{model}</Name>
	</>
);
