// Section 1.3 of the catalogue: channels that close and consumers that end, while the connection lives.
import { channelStories } from './channels.js';
import { messageStories } from './messages.js';
import { queueStories } from './queues.js';
import { tellStories } from './stories.js';

tellStories('channels that close, consumers that end', [
  ...channelStories,
  ...queueStories,
  ...messageStories,
]);
