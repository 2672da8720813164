export { type StepExamples, stepValues } from './step-values.js';
export { type JobValues, type SchemaValues, type ValuesOptions, valuesOf } from './values-of.js';
