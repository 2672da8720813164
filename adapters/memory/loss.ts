// Why a question was not answered, in the words of the embedded broker.
import { NeedfulError } from '../../src/contract/errors.js';

export function lostConnection(): NeedfulError {
  return new NeedfulError(
    'CONNECTION_LOST',
    'The connection to the embedded broker ended before it answered.',
    {
      retry: true,
    },
  );
}

export function lostChannel(): NeedfulError {
  return new NeedfulError('CHANNEL_CLOSED', 'The broker closed the channel before it answered.', {
    retry: true,
  });
}
