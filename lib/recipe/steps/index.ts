import { MlopsError } from '../../domain/errors.js';
import type { Step } from '../contract.js';
import { age } from './age.js';
import { bin } from './bin.js';
import { clipOutliers } from './clip_outliers.js';
import { convertType } from './convert_type.js';
import { customCode } from './custom_code.js';
import { dateParts } from './date_parts.js';
import { deriveTarget } from './derive_target.js';
import { dropColumns } from './drop_columns.js';
import { dropDuplicates } from './drop_duplicates.js';
import { dropMissing } from './drop_missing.js';
import { dropOutliers } from './drop_outliers.js';
import { expression } from './expression.js';
import { filterRows } from './filter_rows.js';
import { frequency } from './frequency.js';
import { impute } from './impute.js';
import { log } from './log.js';
import { oneHot } from './one_hot.js';
import { ordinal } from './ordinal.js';
import { rareGroup } from './rare_group.js';
import { replaceValues } from './replace_values.js';
import { scale } from './scale.js';
import { selectColumns } from './select_columns.js';
import { setRole } from './set_role.js';
import { targetEncode } from './target_encode.js';
import { trimText } from './trim_text.js';
import { unifySpelling } from './unify_spelling.js';

/** All kinds of steps, in the order in which people are offered them. A new step is one file and one line here. */
export const STEPS: readonly Step[] = [
	dropDuplicates,
	impute,
	dropMissing,
	convertType,
	trimText,
	unifySpelling,
	replaceValues,
	clipOutliers,
	dropOutliers,
	filterRows,
	dropColumns,
	selectColumns,
	deriveTarget,
	dateParts,
	age,
	expression,
	oneHot,
	ordinal,
	frequency,
	targetEncode,
	rareGroup,
	scale,
	bin,
	log,
	setRole,
	customCode,
];

/** @throws `recipe.step_unknown` */
export function stepById(id: string): Step {
	const step = STEPS.find((s) => s.id === id);
	if (step) return step;
	throw new MlopsError('recipe.step_unknown', `There is no step called "${id}".`, {
		expected: STEPS.map((s) => s.id).join(', '),
		found: id,
		remedy: 'Pick the step from the list again; it may come from a newer version of this package.',
	});
}
