// Rows B30 to B50: members of a job that is JSON.
import {
  type BadJob,
  type CaseName,
  type End,
  fine,
  inPlace,
  job,
  malformed,
  refused,
  withMembers,
  withParameters,
} from './jobs.js';

const badParameters = (words: RegExp) => refused('PARAMETERS_INVALID', words);
const unknown = refused('STEP_UNKNOWN', /known are Seconds, Cart, OnHosts, Tell/);
const isNoObject = malformed(/^parameters must be an object, got nothing/);
const told: End = { completed: undefined };
const tell = (members: object, parameters: object = {}) => {
  const { parameters: own } = JSON.parse(withParameters({ subcommand: 'Tell', ...parameters }));
  return withMembers({ parameters: own, ...members });
};
const step = (name: CaseName, subcommand: unknown, end = unknown) =>
  job(name, withParameters({ subcommand }), end);

const wrongNumbers = ['"abc"', '{}', '-1', 'null', '""', '[]', 'true', 'false', '[3]', '"0x10"', '"NaN"'];

const parameters: readonly BadJob[] = [
  job('B30 no parameters', '{}', isNoObject),
  job('B31 parameters null', '{"parameters":null}', malformed(/got null/)),
  job('B31 parameters an array', '{"parameters":[]}', malformed(/got an array/)),
  job('B31 parameters a string', '{"parameters":"x"}', malformed(/got a string/)),
  job('B32 a parameter missing', withParameters({ seconds: undefined }), badParameters(/seconds/)),
  ...wrongNumbers.map((value) =>
    job(`B33 ${value} for a number`, inPlace(`"seconds":${value}`), badParameters(/seconds/)),
  ),
  job('B34 a numeric string', withParameters({ seconds: '0.5' }), { completed: 0.5 }),
  step('B35 a step in another case', 'seconds'),
  step('B36 an empty name of a step', ''),
  step('B37 a colon before a step', ':X'),
  step('B37 a colon behind a step', 'Seconds:x'),
  job('- a step with a name of 100,000 letters', withParameters({ subcommand: 'x'.repeat(1e5) }), unknown),
  step('B38 no step', undefined),
  step('B38 a step called null', null),
  step('B38 a number for a step', 1, malformed(/subcommand must be a string/)),
  job('B39 another command', withParameters({ command: 'other' }), fine),
  job('B39 no command', withParameters({ command: undefined }), fine),
];

const members: readonly BadJob[] = [
  job('B40 unknown members and no group', withMembers({ group: undefined, x: 1 }), fine),
  job('- a group that is an object', withMembers({ group: {} }), malformed(/group must be a string/)),
  job('B41 no dynamic values', withMembers({ dynamic: undefined }), fine),
  job('B41 dynamic null', withMembers({ dynamic: null }), fine),
  job('B42 dynamic an array', withMembers({ dynamic: [] }), malformed(/dynamic must be an object/)),
  job('B42 dynamic a string', withMembers({ dynamic: 'x' }), malformed(/dynamic must be an object/)),
  job(
    'B43 a dynamic value missing',
    withParameters({ subcommand: 'Cart' }),
    refused('DYNAMIC_INVALID', /cart/),
  ),
  job('B44 no notify', tell({ notify: undefined }), told, { notified: [] }),
  job('B44 notify null', tell({ notify: null }), told, { notified: [] }),
  job('B45 notify a list', withMembers({ notify: [] }), malformed(/notify must be an object/)),
  job('B45 notify a string', withMembers({ notify: 'x' }), malformed(/notify must be an object/)),
  job(
    'B45 a phase that is no object',
    withMembers({ notify: { failed: 1 } }),
    malformed(/notify.failed must be an object/),
  ),
  job('B46 a target that is a string', tell({ notify: { completed: { irc: '#x' } } }), told, {
    notified: [{ routingKey: 'notify.irc', target: '#x' }],
  }),
  job('B47 a phase nobody knows', tell({ notify: { later: { irc: ['#x'] } } }), told, { notified: [] }),
  job('B47 a transport nobody knows', tell({ notify: { completed: { pigeon: [1] } } }), told, {
    notified: [{ routingKey: 'notify.pigeon', target: [1] }],
  }),
  job(
    '- a transport that no routing key can name',
    tell({ notify: { completed: { ['ü'.repeat(200)]: 1 } } }),
    told,
    {
      notified: [],
    },
  ),
  job(
    'B48 notify twice',
    tell({ notify: { completed: { irc: ['#top'] } } }, { notify: { completed: { irc: ['#below'] } } }),
    told,
    { notified: [{ routingKey: 'notify.irc', target: ['#top'] }] },
  ),
  job('B49 no hosts', withParameters({ hosts: undefined }), fine),
  job('B49 hosts null', withParameters({ hosts: null }), fine),
  job('B49 no hosts in the list', withParameters({ hosts: [] }), fine),
  job('B49 three hosts', withParameters({ subcommand: 'OnHosts', hosts: ['a', 'b', 'c'] }), { completed: 3 }),
  job(
    '- no hosts where they are needed',
    withParameters({ subcommand: 'OnHosts', hosts: [] }),
    refused('HOSTS_REQUIRED', /hosts/),
  ),
  job('B50 hosts a string', withParameters({ hosts: 'h' }), malformed(/hosts must be an array of strings/)),
  job(
    'B50 hosts with a number',
    withParameters({ hosts: [1] }),
    malformed(/hosts must be an array of strings/),
  ),
];

export const memberJobs: readonly BadJob[] = [...parameters, ...members];
