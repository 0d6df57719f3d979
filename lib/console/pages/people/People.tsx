import { Tabs } from '../../components/Tabs.js';
import { View } from '../../components/View.js';
import { Accounts } from './Accounts.js';
import { Keys } from './Keys.js';
import { ModelsPeople } from './ModelsPeople.js';

/** Who may do what: people, programs, and who looks after which model. */
export const People = () => (
	<View
		title="People and keys"
		lead="People sign in, programs send an API key. Whatever they change stands in the audit log under their name."
	>
		<Tabs
			label="People, keys or models"
			tabs={[
				{ id: 'people', label: 'People', content: () => <Accounts /> },
				{ id: 'keys', label: 'API keys', content: () => <Keys /> },
				{ id: 'models', label: "Models' people", content: () => <ModelsPeople /> },
			]}
		/>
	</View>
);
