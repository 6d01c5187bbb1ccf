/** How tables for terminals are laid out and worded. */
import stringWidth from 'string-width';
import { plainLine } from '../domain/plain-line.ts';
import type { StatusClass } from '../domain/status.ts';

/** Colours a word by what it means; the identity where there are no colours. */
export type Paint = (text: string, meaning: StatusClass | 'faint' | 'bold') => string;

/** The widths of the columns, in columns of a terminal, and a function that draws one line. */
export function layout<C extends string>(
  header: Readonly<Record<C, string>>,
  columns: readonly C[],
  rows: readonly Readonly<Record<C, string>>[],
) {
  const widths = Object.fromEntries(
    columns.map((column) => [
      column,
      rows.reduce((widest, row) => Math.max(widest, stringWidth(row[column])), header[column].length),
    ]),
  ) as Record<C, number>;
  const line = (cells: Readonly<Record<C, string>>) =>
    columns
      .map((column) => padded(cells[column], widths[column]))
      .join('  ')
      .trimEnd();
  return { widths, line };
}

export function oneLine(text: string): string {
  return plainLine(text).replace(/\s+/g, ' ').trim();
}

/** As `padEnd`, in columns of a terminal: a wide character takes two. */
function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)));
}
