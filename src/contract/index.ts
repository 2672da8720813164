// The door of the contract: the wire, names on the bus, errors, and the judge of the protocol.
export { type BusEvent, readMessage, readTap, type SeenMessage, type TapEvent } from './bus-event.js';
export {
  type ErrorCode,
  type ErrorKind,
  errorKinds,
  type Issue,
  NeedfulError,
  type Problem,
} from './errors.js';
export { decodeJob, encodeJob, jobSchema } from './job.js';
export { decodeObject, isObject, type JsonObject, toJson } from './json-body.js';
export type { Message, Properties, Received } from './message.js';
export type {
  Address,
  Decoded,
  DecodeLimits,
  Job,
  JobRequest,
  MessageFormat,
  Notification,
  Notify,
  Reply,
  ReplyStatus,
  Sender,
} from './message-format.js';
export {
  engineExchange,
  jobKey,
  notificationKey,
  outputKey,
  queueName,
  splitStep,
  workerReplyTo,
  workerTopology,
} from './names.js';
export { nearest } from './nearest.js';
export { numeric } from './numeric.js';
export {
  decodeOutput,
  encodeNotification,
  encodeOutput,
  notificationSchema,
  outputSchema,
} from './output.js';
export { outputLines } from './output-lines.js';
export { kindOf, oneLine, problem } from './problem.js';
export { createProtocol, type Protocol, type ProtocolOptions, type Violation } from './protocol.js';
export { releaseEngine } from './release-engine.js';
export { decodeReply, encodeReply, replySchema } from './reply.js';
export type { BindingSpec, Difference, ExchangeSpec, QueueSpec, Topology } from './topology.js';
