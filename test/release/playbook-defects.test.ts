// What is wrong with a playbook is said all at once: file, line, what was expected, what came.
import { describe, expect, it } from 'vitest';
import { NeedfulError } from '../../src/contract/errors.js';
import { playbookOf, withSequence, withSteps } from './stage.js';

function defects(text: string): readonly string[] {
  try {
    playbookOf(text);
  } catch (error) {
    if (error instanceof NeedfulError && error.code === 'PLAYBOOK_INVALID') return error.message.split('\n');
    throw error;
  }
  return [];
}

const rest = 'execution: [{ hosts: [a], steps: [noop:X] }]';
const stepForm = 'expected a step: `worker:Step`, or an object with that one key and the parameters under it';

describe('a playbook', () => {
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
});
