import { Card } from '../../components/Card.js';
import { Facts } from '../../components/Facts.js';
import type { Known } from './Model.js';

/** What must hold before a version answers. */
export const ModelPeople = ({ known: { policy } }: { known: Known }) => (
	<Card title="Policy" lead="What must hold before a version of this model answers. Deploy's options set it.">
		<Facts
			facts={[
				['Gate', policy.gateRequired ? 'A version needs an evaluation that passed' : 'Not asked for'],
				['Approval', policy.approvalRequired ? 'Somebody must have approved it' : 'Not asked for'],
			]}
		/>
	</Card>
);
