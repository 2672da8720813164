// The door of the inspector: what shows a running worker to a viewer.
export {
  createStatelyInspector,
  type Shown,
  type StatelyInspector,
  type StatelyInspectorOptions,
} from './stately.js';
export type { ActorFrame, EventFrame, FrameSnapshot, SnapshotFrame, StatelyFrame } from './stately-frame.js';
