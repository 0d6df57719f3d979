import { View } from '../../components/View.js';
import { Finished } from './Finished.js';
import { Running } from './Running.js';

/** What trains now, and all that was trained. */
export function Trainings() {
	return (
		<View title="Trainings" lead="What is being trained now, and every training that has ended.">
			<Running />
			<Finished />
		</View>
	);
}
