// The workers that come with the package are definitions as their users write them.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineWorker } from '../../../src/index.js';
import { stepValues } from '../../../src/testing/values/index.js';
import command from '../../../workers/command.js';
import httprequest from '../../../workers/httprequest.js';
import juicer from '../../../workers/juicer.js';
import sleep from '../../../workers/sleep.js';

const values = (list: readonly { readonly value: unknown }[]) => list.map(({ value }) => value);

describe('jobs of a step', () => {
  it('are known of sleep:Seconds without an example, numbers in strings among them', () => {
    const { parameters, dynamic } = stepValues(sleep, { step: 'Seconds' });
    expect(values(parameters.valid)).toEqual(
      expect.arrayContaining([{ seconds: 1 }, { seconds: 0 }, { seconds: '1' }, { seconds: 2_147_483 }]),
    );
    expect(values(parameters.invalid)).toEqual(
      expect.arrayContaining([{}, { seconds: null }, { seconds: 'text' }, { seconds: true }]),
    );
    expect(values(dynamic.valid)).toEqual([{}]);
  });

  it('are known of a step with refinements that a guess satisfies', () => {
    const { parameters } = stepValues(httprequest, { step: 'Put' });
    expect(parameters.valid[0].value).toMatchObject({ url: 'https://example.com/' });
    expect(values(parameters.invalid)).toContainEqual({ content: 'a', contenttype: 'a' });
  });

  it('have dynamic values, too', () => {
    expect(stepValues(juicer({}), { step: 'Promote' }).dynamic.valid[0].value).toEqual({
      cart: 'a',
      environment: 'a',
    });
  });

  it('fit a strict schema with what every job carries besides', () => {
    const worker = command({ commands: { tag: { argv: ['git', 'tag'], parameters: { name: 'v\\d{4}' } } } });
    expect(() => stepValues(worker, { step: 'tag' })).toThrow(
      /command:tag: what fits "name" cannot be guessed/,
    );
    const examples = { parameters: [{ name: 'v2026' }] };
    const { parameters } = stepValues(worker, { step: 'tag', examples });
    expect(values(parameters.valid)).toContainEqual({ name: 'v2026' });
    expect(parameters.invalid.map(({ why }) => why)).toContain('a key that it does not know');
  });

  it('are refused by a strict schema that does not, which is told', () => {
    const strict = defineWorker({ name: 'w', steps: { S: { parameters: z.strictObject({}), run() {} } } });
    expect(() => stepValues(strict, { step: 'S' })).toThrow(
      /w:S takes no job at all: .*"command", "subcommand"/,
    );
  });

  it('of a misspelt step are those of none', () => {
    const { steps } = sleep;
    const named = { name: 'sleep', steps: new Map([...steps].filter(([name]) => name !== '*')) };
    expect(() => stepValues(named, { step: 'Second' })).toThrow(
      'sleep has no step "Second"; did you mean "Seconds"?',
    );
  });
});
