import { html } from 'hono/html';

/** A part of a page. `html` templates escape every value that is not such a part. */
export type Markup = ReturnType<typeof html>;

/** An instant. */
export function time(at: number): Markup {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;
}

/** A column of a table: its head, and the cell of an item. */
export type Column<Item> = readonly [head: string, toCell: (item: Item, index: number) => Markup | string];

/**
 * A table of items, which scrolls when the page is too narrow, also with the keyboard. On a phone, each row becomes a block
 * of lines, with the column heads before the values.
 *
 * The roles are explicit, because browsers drop the implicit ones when a style sheet changes `display`.
 */
export function table<Item>(
  label: string,
  items: readonly Item[],
  columns: readonly Column<Item>[],
  empty = '',
): Markup {
  if (items.length === 0) return html`<p class="hint">${empty}</p>`;
  const heads = columns.map(([head]) => html`<th scope="col" role="columnheader">${head}</th>`);
  const rows = items.map((item, row) => {
    const cells = columns.map(([head, toCell], column) =>
      column === 0
        ? html`<th scope="row" role="rowheader" data-head="${head}">${toCell(item, row)}</th>`
        : html`<td role="cell" data-head="${head}">${toCell(item, row)}</td>`,
    );
    return html`<tr role="row">${cells}</tr>`;
  });
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table role="table">
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${rows}</tbody>
</table></div>`;
}

/** A list of terms and values. */
export function facts(entries: readonly (readonly [term: string, value: Markup | string])[]): Markup {
  return html`<dl>${entries.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A status as one word. The colour repeats what the word says. */
export function badge(word: string): Markup {
  return html`<span class="badge badge-${word}">${word}</span>`;
}

/** The options of a text field. */
export interface FieldOptions {
  readonly type?: 'text' | 'password' | 'number';
  readonly value?: string;
  readonly hint?: string;
  readonly autocomplete?: string;
  readonly isRequired?: boolean;
}

/** A labelled text field. */
export function field(name: string, label: string, options: FieldOptions = {}): Markup {
  const { type = 'text', value = '', hint, autocomplete = 'off', isRequired = false } = options;
  return html`<div class="field"><label for="${name}">${label}</label>${
    hint === undefined ? '' : html`<p class="hint" id="${name}-hint">${hint}</p>`
  }<input id="${name}" name="${name}" type="${type}" value="${value}"${
    type === 'text' ? html` dir="auto"` : ''
  } autocomplete="${autocomplete}" autocapitalize="none" spellcheck="false"${
    hint === undefined ? '' : html` aria-describedby="${name}-hint"`
  }${isRequired ? html` required` : ''}></div>`;
}

/** A labelled drop-down list. */
export function select(
  name: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen?: string,
): Markup {
  const items = options.map(
    ([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : ''}>${text}</option>`,
  );
  return html`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}">${items}</select></div>`;
}

/** A labelled group of check boxes or radio buttons. */
export function choices(
  type: 'checkbox' | 'radio',
  name: string,
  legend: string,
  options: readonly (readonly [value: string, label: string, hint?: string])[],
  chosen: readonly string[],
): Markup {
  const items = options.map(([value, label, hint]) => {
    const id = `${name}-${value}`;
    const describedBy = hint === undefined ? '' : html` aria-describedby="${id}-hint"`;
    return html`<div class="choice"><input type="${type}" id="${id}" name="${name}" value="${value}"${
      chosen.includes(value) ? html` checked` : ''
    }${describedBy}><label for="${id}">${label}</label>${
      hint === undefined ? '' : html`<span class="hint" id="${id}-hint">${hint}</span>`
    }</div>`;
  });
  return html`<fieldset><legend>${legend}</legend>${items}</fieldset>`;
}

/** New secrets, with their ids and labels. Each value wraps, so that a phone shows all of it. */
export function secretsShownOnce(
  message: Markup,
  ...secrets: readonly (readonly [id: string, label: string, value: string])[]
): Markup {
  const outputs = secrets.map(
    ([id, label, value]) =>
      html`<div class="field"><label for="${id}">${label}</label><textarea id="${id}" class="secret" readonly rows="1" spellcheck="false">${value}</textarea></div>`,
  );
  return html`<div class="once" role="status"><p>${message}</p>${outputs}</div>`;
}
