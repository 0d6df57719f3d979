import { Empty } from '../../components/Empty.js';
import { View } from '../../components/View.js';

/** What needs somebody, in plain words. */
export function Overview() {
	return (
		<View title="Overview">
			<Empty title="Nothing has happened here yet" />
		</View>
	);
}
