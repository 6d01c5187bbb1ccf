/** The runbooks of docs/runbooks, as pages with the ids of an alert filled into their commands. */
import { readdir, readFile } from 'node:fs/promises';
import { raw } from 'hono/html';
import { Marked } from 'marked';
import type { Html } from './html.ts';

/** The folder lies at the same place beside `src` and beside `dist`. */
const folder = new URL('../../docs/runbooks/', import.meta.url);

const fileName = /^((?:AtlasPrivateEndpoint[A-Za-z]+)|stopped-seeing)\.md$/;

/** The names of all runbooks. */
export async function runbookNames(): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.flatMap((file) => fileName.exec(file)?.[1] ?? []).sort();
}

/** The runbook as HTML; null when there is none of this name. `ids`: values by label, as an alert has them. */
export async function runbookPage(name: string, ids: URLSearchParams): Promise<Html | null> {
  if (!fileName.test(`${name}.md`)) return null;
  const text = await readFile(new URL(`${name}.md`, folder), 'utf8').catch(() => null);
  return text === null ? null : raw(await marked.parse(fillIn(withoutBlocks(text, ids), ids)));
}

/**
 * Leaves out blocks of commands that are for alerts with a label which this alert has not: `…, where the alert has the label
 * `interface_endpoint_id`, …:`. Without a connection in the address it is about no alert, and everything stays.
 */
export function withoutBlocks(text: string, ids: URLSearchParams): string {
  if (!ids.get('connection_id')) return text;
  let missing = false;
  const kept = marked.lexer(text).filter(({ type, raw: words }) => {
    if (type === 'space') return true;
    const [, label] = /where the alert has the label `(\w+)`/.exec(type === 'paragraph' ? words : '') ?? [];
    const left = (missing && type === 'code') || (label !== undefined && !ids.get(label));
    missing = left && type === 'paragraph';
    return !left;
  });
  return kept.map(({ raw: words }) => words).join('');
}

/**
 * Fills the values of labels into the lines of commands that say from which label they are: `PROJECT=… # label
 * atlas_project_id`. A value that a shell would take for more than a word is put in quotes, or left out.
 */
export function fillIn(text: string, ids: URLSearchParams): string {
  return text.replace(
    /^([A-Z_]+)=\S+([ ]+# label (\w+).*)$/gm,
    (line, variable: string, rest: string, label: string) => {
      const word = shellWord(ids.get(label) ?? '');
      return word === null ? line : `${variable}=${word} ${rest.trimStart()}`;
    },
  );
}

function shellWord(value: string): string | null {
  if (!/^[ -&(-~]{1,400}$/.test(value)) return null;
  return /^[\w./:@+-]+$/.test(value) ? value : `'${value}'`;
}

const marked = new Marked({
  async: true,
  renderer: {
    html: ({ text }) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
    link({ href, tokens }) {
      const words = this.parser.parseInline(tokens);
      const to = toPage(href);
      return to === null
        ? words
        : `<a href="${to.replaceAll('"', '%22')}"${to.startsWith('https:') ? ' rel="noreferrer"' : ''}>${words}</a>`;
    },
  },
});

/** Where a link of a runbook leads here; null where only the repository has what it names. */
function toPage(href: string): string | null {
  if (href.startsWith('https://')) return href;
  const [file = '', anchor] = href.split('#');
  const [, name] = fileName.exec(file) ?? [];
  return name === undefined ? null : `/help/${name}${anchor === undefined ? '' : `#${anchor}`}`;
}
