import type { Markup } from './page/markup.ts';

/** What the portal answers: a page, or the way to another one. */
export type Reply =
  | {
      readonly title: string;
      readonly content: Markup;
      /** @default 200 */
      readonly status?: number;
      readonly section?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly to: string;
      /** What the next page says. */
      readonly notice?: string;
    };
