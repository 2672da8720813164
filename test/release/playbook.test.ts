import { describe, expect, it } from 'vitest';
import { NeedfulError } from '../../src/contract/errors.js';
import { checkDynamic } from '../../src/release/dynamic.js';
import { planRelease, requestOf } from '../../src/release/plan.js';
import { parsePlaybook, readPlaybook } from '../../src/release/playbook.js';

const parse = (text: string) => parsePlaybook(text, { file: 'p.yaml' });

function defects(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof NeedfulError && error.code === 'PLAYBOOK_INVALID') return error.message.split('\n');
    throw error;
  }
  return [];
}

/** A playbook whose steps are these lines, the first of them line 5. */
const withSteps = (...lines: string[]) =>
  ['group: g', 'execution:', '  - hosts: [a]', '    steps:', ...lines.map((line) => `      ${line}`)].join(
    '\n',
  );

/** A playbook whose one sequence is these lines, the first of them line 3. */
const withSequence = (...lines: string[]) =>
  ['group: g', 'execution:', ...lines.map((line) => `  ${line}`)].join('\n');

const rest = 'execution: [{ hosts: [a], steps: [noop:X] }]';
const stepForm = 'expected a step: `worker:Step`, or an object with that one key and the parameters under it';

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

  it.each<[string, string, readonly string[]]>([
    ['nothing', '', ['1: expected an object with `group` and `execution`, got nothing']],
    ['only a comment', '# later\n', ['1: expected an object with `group` and `execution`, got nothing']],
    ['a list', '- noop:X\n', ['1: expected an object with `group` and `execution`, got a list']],
    ['a sentence', 'do it', ['1: expected an object with `group` and `execution`, got a string']],
    [
      'no YAML',
      'group: [\n',
      [
        '2: expected YAML or JSON, got a syntax error: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    [
      'a tab',
      'group: g\n\texecution: []',
      ['2: expected YAML or JSON, got a syntax error: Tabs are not allowed as indentation'],
    ],
    ['a key twice', `group: g\n${rest}\ngroup: h`, ['3: expected each key once, got this one again']],
    [
      'a key twice in JSON',
      '{\n"group": "g",\n"group": "h"}',
      ['3: expected each key once, got this one again'],
    ],
    [
      'a tag of nobody',
      `group: !mine g\n${rest}`,
      ['1: expected YAML or JSON, got a syntax error: Unresolved tag: !mine'],
    ],
    [
      'two playbooks',
      `group: g\n${rest}\n---\ngroup: h\n`,
      ['3: expected one playbook in the file, got another behind `---`'],
    ],
    ['thousands of brackets', '['.repeat(50_000), ['1: expected at most 200 levels of nesting, got more']],
    ['thousands of dashes', '- '.repeat(50_000), ['1: expected at most 200 levels of nesting, got more']],
    ['no group', `# first\n${rest}`, ['2: expected `group` to be a string, got nothing']],
    [
      'a number for group',
      `group: 5\n${rest}`,
      ['1: expected `group` to be a string, got a number; put it in quotes'],
    ],
    ['an empty group', `group: ''\n${rest}`, ['1: expected `group` to be a string, got an empty string']],
    [
      'a name that is nothing',
      `group: g\nname:\n${rest}`,
      ['2: expected `name` to be a string, got nothing'],
    ],
    [
      'a misspelt key',
      `gruop: g\ngroup: g\n${rest}`,
      [
        '1: expected in a playbook only `group`, `name`, `description`, `execution`, got `gruop`; did you mean `group`?',
      ],
    ],
    ['no execution', 'group: g\n', ['1: expected `execution` to be a list of sequences, got nothing']],
    [
      'an empty execution',
      'group: g\nexecution: []',
      ['2: expected `execution` to have at least one sequence, got an empty list'],
    ],
    [
      'an object for execution',
      'group: g\nexecution:\n  hosts: [a]',
      ['3: expected `execution` to be a list of sequences, got an object'],
    ],
    [
      'an alias to no anchor',
      'group: g\nexecution: *all',
      ['2: expected `execution` to be a list of sequences, got an alias to no anchor, `*all`'],
    ],
    [
      'a sequence that is a string',
      withSequence('- noop:X'),
      ['3: expected a sequence to be an object with `hosts` and `steps`, got a string'],
    ],
    [
      'a sequence without hosts and steps',
      withSequence('- description: all'),
      [
        '3: expected `hosts` to be a list of strings, got nothing',
        '3: expected `steps` to be a list of steps, got nothing',
      ],
    ],
    [
      'one host without a list',
      withSequence('- hosts: a', '  steps: [noop:X]'),
      ['3: expected `hosts` to be a list of strings, got a string'],
    ],
    [
      'no hosts',
      withSequence('- hosts: []', '  steps: [noop:X]'),
      ['3: expected `hosts` to have at least one host, got an empty list'],
    ],
    [
      'a number for a host',
      withSequence('- steps: [noop:X]', '  hosts:', '    - a', '    - 10.1'),
      ['6: expected a host as a string, got a number; put it in quotes'],
    ],
    [
      'no steps',
      withSequence('- hosts: [a]', '  steps: []'),
      ['4: expected `steps` to have at least one step, got an empty list'],
    ],
    [
      'a misspelt key in a sequence',
      withSequence('- hosts: [a]', '  preflihgt: []', '  steps: [noop:X]'),
      [
        '4: expected in a sequence only `description`, `hosts`, `preflight`, `steps`, got `preflihgt`; did you mean `preflight`?',
      ],
    ],
    [
      'a preflight that is no list',
      withSequence('- hosts: [a]', '  preflight: noop:X', '  steps: [noop:X]'),
      ['4: expected `preflight` to be a list of steps, got a string'],
    ],
    ['a step that is a number', withSteps('- noop:X', '- 5'), [`6: ${stepForm}, got a number`]],
    ['a step that is nothing', withSteps('- noop:X', '-'), [`6: ${stepForm}, got nothing`]],
    ['a step that is empty', withSteps("- ''"), [`5: ${stepForm}, got an empty string`]],
    [
      'a step object without key',
      withSteps('- {}'),
      ['5: expected a step to have one key, its name, got none'],
    ],
    [
      'a step object with two keys',
      withSteps('- noop:X: {}', '  noop:Y: {}'),
      ['5: expected a step to have one key, its name, got 2: `noop:X`, `noop:Y`'],
    ],
    [
      'parameters beside the name',
      withSteps('- sleep:Seconds:', '  seconds: 1'),
      [
        '5: expected a step to have one key, its name, got 2: `sleep:Seconds`, `seconds`; indent its parameters deeper than its name',
      ],
    ],
    [
      'a step with null',
      withSteps('- noop:X:'),
      [
        '5: expected an object with the parameters of `noop:X`, got nothing; a step without parameters is a string: `- noop:X`',
      ],
    ],
    [
      'a space behind the colon',
      withSteps('- sleep: Seconds'),
      [
        '5: expected an object with the parameters of `sleep`, got a string; write the name of a step without a space behind the colon',
      ],
    ],
    [
      'a list of parameters',
      withSteps('- noop:X: [1]'),
      ['5: expected an object with the parameters of `noop:X`, got a list'],
    ],
    [
      'a step without worker',
      withSteps('- :Seconds'),
      [
        '5: expected a worker\'s name (letters, digits, `_`, `-`, `.`) before the first colon of a step, got ":Seconds"',
      ],
    ],
    [
      'a step with a sentence',
      withSteps('- do the needful'),
      [
        '5: expected a worker\'s name (letters, digits, `_`, `-`, `.`) before the first colon of a step, got "do the needful"',
      ],
    ],
    [
      'a parameter that is no JSON',
      withSteps('- noop:X:', '    n: .inf'),
      ['6: expected a value that can be JSON, got a number that is not finite under the key "n"'],
    ],
    [
      'a parameter that holds itself',
      withSteps('- noop:X: &x { x: *x }'),
      ['5: expected a value that can be JSON, got a cycle or a toJSON that throws'],
    ],
    [
      'dynamic without a list',
      withSteps('- noop:X:', '    dynamic: cart'),
      ['6: expected `dynamic` to be a list of names, got a string'],
    ],
    [
      'dynamic with a number',
      withSteps('- noop:X:', '    dynamic:', '      - 1'),
      ['7: expected the name of a dynamic value, got a number; put it in quotes'],
    ],
    [
      'notify as a list',
      withSteps('- noop:X:', '    notify: ["#team"]'),
      ['6: expected `notify` to be an object: phase, transport, targets, got a list'],
    ],
    [
      'a phase without transport',
      withSteps('- noop:X:', '    notify:', '      failed: ["#team"]'),
      ['7: expected `failed` of `notify` to be an object: transport, targets, got a list'],
    ],
    [
      'targets that are an object',
      withSteps('- noop:X:', '    notify:', '      failed:', '        irc: { a: b }'),
      ['8: expected `irc` of `notify` to be a list of targets, got an object'],
    ],
    [
      'several defects',
      'gruop: g\nexecution:\n  - hosts: []\n    steps:\n      - 5\n',
      [
        '1: expected `group` to be a string, got nothing',
        '1: expected in a playbook only `group`, `name`, `description`, `execution`, got `gruop`; did you mean `group`?',
        '3: expected `hosts` to have at least one host, got an empty list',
        `5: ${stepForm}, got a number`,
      ],
    ],
  ])('is refused when it has %s', (_, text, expected) => {
    expect([...defects(text)].sort()).toEqual(expected.map((line) => `p.yaml:${line}`).sort());
  });

  it('shows at most 50 defects and the number of the others', () => {
    const lines = defects(withSteps(...Array.from({ length: 60 }, () => '- 5')));
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('p.yaml: and 10 more');
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
