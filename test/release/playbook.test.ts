import { describe, expect, it } from 'vitest';
import { checkDynamic } from '../../src/release/dynamic.js';
import { planRelease, requestOf } from '../../src/release/plan.js';
import { readPlaybook } from '../../src/release/playbook.js';
import { playbookOf as parse, withSequence, withSteps } from './stage.js';

describe('a playbook', () => {
  it('has string, argument, dynamic and notify steps', () => {
    const { group, name, sequences, warnings } = parse(
      withSteps(
        '- noop:Simple',
        '- sleep:Seconds:',
        '    seconds: 1.5',
        '- juicer:Promote: { dynamic: [cart, environment] }',
        '- noop::Odd:',
        '    colour: blue',
        '    notify: { started: { irc: ["#team"], email: x@example.com }, failed: { irc: ["#team"] } }',
        '- bare',
        '- noop:Empty: {}',
      ),
    );
    expect({ group, name, warnings }).toEqual({ group: 'g', name: null, warnings: [] });
    expect(sequences).toHaveLength(1);
    const of = (step: string, worker: string, subcommand: string) => ({ step, worker, subcommand });
    const nothing = { parameters: {}, dynamic: [], notify: {} };
    expect(sequences[0]).toEqual({
      number: 1,
      description: null,
      hosts: ['a'],
      line: 3,
      steps: [
        { ...of('noop:Simple', 'noop', 'Simple'), ...nothing, line: 5 },
        { ...of('sleep:Seconds', 'sleep', 'Seconds'), ...nothing, parameters: { seconds: 1.5 }, line: 6 },
        {
          ...of('juicer:Promote', 'juicer', 'Promote'),
          parameters: { dynamic: ['cart', 'environment'] },
          dynamic: ['cart', 'environment'],
          notify: {},
          line: 8,
        },
        {
          ...of('noop::Odd', 'noop', ':Odd'),
          parameters: { colour: 'blue' },
          dynamic: [],
          notify: { started: { irc: ['#team'], email: 'x@example.com' }, failed: { irc: ['#team'] } },
          line: 9,
        },
        { ...of('bare', 'bare', ''), ...nothing, line: 12 },
        { ...of('noop:Empty', 'noop', 'Empty'), ...nothing, line: 13 },
      ],
    });
  });

  it('may be JSON, with a byte order mark and Windows line ends too', () => {
    const json = JSON.stringify({ group: 'g', execution: [{ hosts: ['a'], steps: ['noop:X'] }] }, null, 2);
    const { file: _, ...playbook } = parse(`\ufeff${json.replaceAll('\n', '\r\n')}`);
    expect(playbook.sequences[0]?.steps[0]).toMatchObject({ step: 'noop:X', line: 9 });
  });

  it('may use anchors, aliases and merge keys', () => {
    const text = withSteps(
      '- noop:A: &base { a: 1, notify: &team { failed: { irc: ["#t"] } } }',
      '- noop:B: { <<: *base, b: 2 }',
      '- noop:C: { notify: *team }',
    );
    const steps = parse(text).sequences[0]?.steps ?? [];
    expect(steps[1]?.parameters).toEqual({ a: 1, b: 2 });
    expect(steps[2]?.notify).toEqual({ failed: { irc: ['#t'] } });
  });

  it('is laid out sequence by sequence, host by host, step by step', () => {
    const playbook = parse(
      'group: g\nexecution:\n- { hosts: [a, b], steps: [x:1, y:2] }\n- { hosts: [c], steps: [z:3] }\n',
    );
    const plan = planRelease(playbook).map(({ planned }) => planned);
    expect(plan.map(({ index, sequence, host, step }) => [index, sequence, host, step].join(' '))).toEqual([
      '0 1 a x:1',
      '1 1 a y:2',
      '2 1 b x:1',
      '3 1 b y:2',
      '4 2 c z:3',
    ]);
  });

  it('makes jobs with the step’s keywords, one host and all dynamic values', () => {
    const [job] = planRelease(
      parse(withSteps('- n:X: { a: 1, dynamic: [d], notify: { failed: { irc: [t] } } }')),
    );
    if (job === undefined) throw new Error('no job');
    expect(requestOf(job, { group: 'g', dynamic: { d: 1, e: 2 } })).toEqual({
      step: 'n:X',
      group: 'g',
      parameters: { a: 1, dynamic: ['d'] },
      hosts: ['a'],
      dynamic: { d: 1, e: 2 },
      notify: { failed: { irc: ['t'] } },
    });
  });

  it.each<[string, string, string]>([
    [
      'preflight',
      withSequence('- hosts: [a]', '  preflight: [noop:X]', '  steps: [noop:Y]'),
      'p.yaml:4: `preflight` is not run, as in the original engine',
    ],
    [
      'a keyword of the engine',
      withSteps('- noop:X:', '    hosts: [b]'),
      'p.yaml:6: `hosts` of noop:X is not used: the engine sets it itself',
    ],
    [
      'a phase of nobody',
      withSteps('- noop:X:', '    notify:', '      complted: { irc: [a] }'),
      'p.yaml:7: the engine has no phase `complted` to notify of; did you mean `completed`?',
    ],
    [
      'nobody to notify',
      withSteps('- noop:X: { notify: { failed: { irc: [] } } }'),
      'p.yaml:5: nobody is notified over `irc`: the list is empty',
    ],
  ])('is accepted with a warning about %s', (_, text, warning) => {
    expect(parse(text).warnings).toEqual([warning]);
  });

  it.each([
    ['no-such-file.yaml', 'there is no such file'],
    ['test', 'it is a directory'],
  ])('cannot be read from %s', async (file, why) => {
    await expect(readPlaybook(file)).rejects.toMatchObject({
      code: 'PLAYBOOK_UNREADABLE',
      message: `expected a playbook in ${file}, got none: ${why}`,
    });
  });

  it.each([
    ['examples/release.yaml', 23, ['lb01', 'web01', 'web02', 'web03']],
    ['examples/release-failing.yaml', 9, ['lb01', 'web01', 'web02']],
  ])('is what %s is, without a warning', async (file, jobCount, hosts) => {
    const playbook = await readPlaybook(file);
    const plan = planRelease(playbook);
    expect(playbook.warnings).toEqual([]);
    expect(plan).toHaveLength(jobCount);
    const seen = new Set(plan.map(({ planned }) => planned.host.replace('.example.com', '')));
    expect([...seen].sort()).toEqual(hosts);
  });
});

describe('dynamic values', () => {
  const playbook = parse(withSteps('- a:X: { dynamic: [cart, env] }', '- b:Y: { dynamic: [cart] }', '- c:Z'));

  it('are enough when every name has one, whatever it is', () => {
    expect(() => checkDynamic(playbook, { cart: null, env: 0, more: 1 })).not.toThrow();
  });

  it('are missing with names, steps and lines, and a name that is close', () => {
    expect(() => checkDynamic(playbook, { crat: 1 })).toThrowError(
      expect.objectContaining({
        code: 'DYNAMIC_MISSING',
        message: [
          'expected a dynamic value `cart` for a:X (p.yaml:5), b:Y (p.yaml:6), got none; `crat` was given',
          'expected a dynamic value `env` for a:X (p.yaml:5), got none',
        ].join('\n'),
      }),
    );
  });

  it('are not taken from what every object has', () => {
    const odd = parse(withSteps('- a:X: { dynamic: [toString] }'));
    expect(() => checkDynamic(odd, {})).toThrowError(expect.objectContaining({ code: 'DYNAMIC_MISSING' }));
  });
});
