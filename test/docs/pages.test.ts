import { beforeAll, describe, expect, it } from 'vitest';
import { pages, read, written } from '../../scripts/write-docs.js';
import { build } from '../cli/needful.js';

// Examples that are drawn import the built package.
beforeAll(build, 60_000);

describe('pages of the documentation', () => {
  it.each(pages())(
    '%s has the code of the examples and the pictures of the machines as they are',
    async (page) => {
      expect(read(page)).toBe(await written(page));
    },
  );

  it.each(pages())('%s names only files and anchors of this repository that exist', async (page) => {
    const { existsSync } = await import('node:fs');
    const links = [...read(page).matchAll(/\]\(((?!https?:)[^)#\s]+)/g)].map(([, path]) => path ?? '');
    const base = page.startsWith('docs/') ? 'docs/' : '';
    const missing = links.filter((path) => !existsSync(new URL(`../../${base}${path}`, import.meta.url)));
    expect(missing).toEqual([]);
  });
});
