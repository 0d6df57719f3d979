export { evaluateModel, type EvaluateContext, type EvaluateInput, type Evaluated } from './evaluateModel.js';
