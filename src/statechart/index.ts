// What can be done with any flow or machine.
export { checkFlow, flowDefects } from './check-flow.js';
export { checkMachine, machineDefects } from './check-machine.js';
export { toDot } from './dot.js';
export type { AnyMachine } from './embed-machine.js';
export { extendFlow, type FlowExtension } from './extend-flow.js';
export type {
  Action,
  Actor,
  AnyFlow,
  Branch,
  Flow,
  FlowState,
  Guard,
  OneOrMany,
  Ref,
} from './flow.js';
export type { FlowDefect, FlowDefectCode } from './flow-defect.js';
export { type Graph, type GraphEdge, type GraphNode, machineGraph } from './graph.js';
export { graphVersion, toGraphJson } from './graph-json.js';
export type { WayKind } from './graph-names.js';
export type { LaneView } from './lane-view.js';
export { createFlowMachine, type EffectScope, type Implementations, machineConfig } from './machine.js';
export { toMermaid } from './mermaid.js';
export { type Nested, nest } from './nest.js';
export type { PictureOptions } from './picture.js';
export type { ActionMeaning, Vocabulary } from './vocabulary.js';
