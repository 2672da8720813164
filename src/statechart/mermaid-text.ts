// Names and text as Mermaid's state diagrams take them. Its lexer finds keywords anywhere in a line and reads text as
// Markdown, so everything but plain words is written as `#code;`.

// Read without regard to case. The last ones are Mermaid's own ids.
const reserved =
  /^(as|accdescr|acctitle|choice|class|classdef|click|default|direction|end|fork|hide|href|join|left|note|right|scale|state|statediagram|style|width|root|divider|constructor|prototype|__proto__)$|(^|_)(start|end)\d*$/i;

/** Ids of letters, digits and `_`, told apart where keys fall together. `path`: keys from outside in. */
export function createIds(): (path: readonly string[]) => string {
  const taken = new Set<string>();
  return (path) => {
    const joined = path.join('_').replace(/\W/g, '_');
    const wanted = joined === '' || reserved.test(joined) ? `${joined}_` : joined;
    let id = wanted;
    for (let count = 2; taken.has(id); count += 1) id = `${wanted}_${count}`;
    taken.add(id);
    return id;
  };
}

const code = (char: string) => `#${char.codePointAt(0)};`;

/** One line. */
export function mermaidText(line: string): string {
  return (
    line
      .replace(/[^\p{L}\p{M}\p{N} .,()[\]/!?'=_-]/gu, code)
      // A fork, a link.
      .replace(/\[(?=\[)|\](?=\()/g, code)
      // Markdown: emphasis, lists, headings.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, code)
      .replace(/^[-=]|(?<=^\d+)[.)]/g, code)
      // Mermaid: an arrow, a divider, the direction of the whole picture.
      .replace(/-(?=-)|(?<=-)-/g, code)
      .replace(/d(?=irection\s)/gi, code)
  );
}
