// What can be done with any flow or machine.
export type { Branch, Flow, FlowState, OneOrMany } from './flow.js';
export { type Graph, type GraphEdge, type GraphNode, machineGraph, toMermaid } from './graph.js';
export { createFlowMachine, type EffectScope, type Implementations, machineConfig } from './machine.js';
