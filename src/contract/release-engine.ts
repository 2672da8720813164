// The message format that Needful speaks unless told otherwise: the Release Engine's, as docs/wire.md has it.
import { decodeJob, encodeJob } from './job.js';
import type { MessageFormat } from './message-format.js';
import { engineExchange, outputKey, queueName, workerTopology } from './names.js';
import { decodeOutput, encodeNotification, encodeOutput } from './output.js';
import { decodeReply, encodeReply } from './reply.js';

/** The Release Engine's messages: what the original engine and its workers understand. */
export const releaseEngine: { readonly encodeOutput: typeof encodeOutput } & MessageFormat = Object.freeze({
  name: 'release-engine',
  topology: workerTopology,
  queueName,
  decodeJob,
  encodeReply,
  encodeOutput,
  encodeNotification,
  encodeJob,
  decodeReply,
  decodeOutput,
  output: Object.freeze({ exchange: engineExchange, routingKey: outputKey }),
});
