import type { HtmlEscapedString } from 'hono/utils/html';

/** HTML that is escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
