import { useState } from 'preact/hooks';
import { RACI } from '../../../domain/role.js';
import type { peopleOfModel } from '../../../server/console/routes/modelPeopleRoutes.js';
import type { models } from '../../../server/console/routes/modelRoutes.js';
import { Button } from '../../components/Button.js';
import { Card } from '../../components/Card.js';
import { Empty } from '../../components/Empty.js';
import { Failure } from '../../components/Failure.js';
import { Field } from '../../components/Field.js';
import { Form } from '../../components/Form.js';
import { Skeleton } from '../../components/Skeleton.js';
import { toast } from '../../components/Toast.js';
import { api, type AnswerOf, type EntryOf } from '../../data/api.js';
import { useLive, usePaged } from '../../data/live.js';
import { useMay } from '../../data/myself.js';
import { pathTo } from '../../router/place.js';

type People = AnswerOf<typeof peopleOfModel>;
const KINDS = Object.entries(RACI) as ReadonlyArray<[keyof People, readonly [label: string, description: string]]>;

/** Every model, with who its people are. */
export function ModelsPeople() {
	const list = usePaged<EntryOf<typeof models>>('/models?limit=20');
	if (list.error && !list.entries) return <Failure error={list.error} again={list.again} />;
	if (!list.entries) return <Skeleton label="Loading models" />;
	if (list.entries.length === 0)
		return <Empty title="There are no models yet" steps={['Train one and register it with Deploy: then say here who looks after it.']} />;
	return (
		<>
			{list.entries.map(({ name }) => (
				<ModelPeople key={name} model={name} heading={<span class="name">{name}</span>} />
			))}
			{list.more && <Button onClick={list.more}>Show more models</Button>}
		</>
	);
}

/** Who the people of a model are: Responsible, Accountable, Consulted, Informed. */
export function ModelPeople({ model, heading = 'People' }: { model: string; heading?: preact.ComponentChildren }) {
	const path = pathTo('/models/:model/people', { model });
	const known = useLive<People>(path);
	const [wish, setWish] = useState<Record<keyof People, string>>();
	const may = useMay('administrator');
	if (!known.data) return known.error ? <Failure error={known.error} again={known.again} /> : <Skeleton label="Loading people" />;
	const people = known.data;
	const texts = (): Record<keyof People, string> =>
		Object.fromEntries(KINDS.map(([kind]) => [kind, people[kind].join(', ')])) as Record<keyof People, string>;
	return (
		<Card
			title={heading}
			actions={
				wish ? undefined : (
					<Button
						small
						disabled={may ? false : 'This takes the role administrator'}
						onClick={() => setWish(texts())}
						label={`Change the people of ${model}`}
					>
						Change
					</Button>
				)
			}
		>
			{wish ? (
				<Form
					submit="Keep"
					beside={<Button onClick={() => setWish(undefined)}>Cancel</Button>}
					send={async () => {
						await api.put(path, Object.fromEntries(KINDS.map(([kind]) => [kind, wish[kind].split(',').filter((one) => one.trim())])));
						setWish(undefined);
						known.again();
						toast('Kept.');
					}}
				>
					{KINDS.map(([kind, [label, description]]) => (
						<Field key={kind} label={label} hint={`${description}. E-mail addresses, separated by commas.`}>
							{(props) => (
								<input {...props} value={wish[kind]} onInput={(event) => setWish({ ...wish, [kind]: event.currentTarget.value })} />
							)}
						</Field>
					))}
				</Form>
			) : (
				<dl class="facts">
					{KINDS.map(([kind, [label, description]]) => (
						<>
							<dt title={description}>{label}</dt>
							<dd class="name">{people[kind].join(', ') || 'nobody'}</dd>
						</>
					))}
				</dl>
			)}
		</Card>
	);
}
