import { html } from 'hono/html';

/** A piece of a page. Every value that goes into an `html` template is escaped unless it is a piece itself. */
export type Markup = ReturnType<typeof html>;

/** An instant for people, and for programs. */
export function time(at: number): Markup {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;
}

/** A table that scrolls on its own when the page is too narrow for it, also with the keyboard. */
export function table(
  label: string,
  heads: readonly string[],
  rows: readonly (readonly (Markup | string)[])[],
): Markup {
  if (rows.length === 0) return html`<p class="empty">Nothing here yet.</p>`;
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(([first = '', ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>`;
}

/** Terms and what they stand for. */
export function facts(entries: readonly (readonly [term: string, value: Markup | string])[]): Markup {
  return html`<dl>${entries.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A state in one word, told by the word and not by its colour alone. */
export function badge(word: string): Markup {
  return html`<span class="badge badge-${word}">${word}</span>`;
}
