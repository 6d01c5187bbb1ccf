import type { HtmlEscapedString } from 'hono/utils/html';

/** Escaped already. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
