// A reply as it leaves the process. Secrets are looked for in the body that is about to go, since a reply that tells nothing,
// which is nearly every one, must not cost a walk through its data.
import type { Message } from '../contract/message.js';
import type { MessageFormat, Reply, Sender } from '../contract/message-format.js';
import { redactData } from '../contract/redact-json.js';
import { isTellingBody } from '../contract/secrets.js';

export function encodeRedacted(
  reply: Reply,
  { format, sender }: { readonly format: MessageFormat; readonly sender: Sender & { messageId: string } },
): Message {
  const message = format.encodeReply(reply, sender);
  if (reply.data === undefined || !isTellingBody(message.body)) return message;
  return format.encodeReply({ ...reply, data: redactData(reply.data) }, sender);
}
