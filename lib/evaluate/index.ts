export { evaluateModel, type EvaluateContext, type EvaluateInput, type Evaluated } from './evaluateModel.js';
export { defaultRules, gate } from './gate.js';
export { permutationImportance } from './importance.js';
