import { html } from 'hono/html';

/** A piece of a page. Every value that goes into an `html` template is escaped unless it is a piece itself. */
export type Markup = ReturnType<typeof html>;

/** An instant for people, and for programs. */
export function time(at: number): Markup {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)}</time>`;
}

type Rows = readonly (readonly (Markup | string)[])[];

/** A table of things; on a phone each of its rows stands as a block of lines, with the heads before them. */
export function table(label: string, heads: readonly string[], rows: Rows, empty: string): Markup {
  return rows.length === 0 ? html`<p class="empty">${empty}</p>` : grid('list', label, heads, rows);
}

/** A table whose columns are compared: on a phone it scrolls beside its first column, which stays. */
export function matrix(label: string, heads: readonly string[], rows: Rows): Markup {
  return grid('matrix', label, heads, rows);
}

/**
 * A table that scrolls on its own when the page is too narrow for it, also with the keyboard.
 *
 * The roles are those that the elements have anyway, until a style sheet lays them out as something else.
 */
function grid(layout: 'list' | 'matrix', label: string, heads: readonly string[], rows: Rows): Markup {
  const cells = (row: Rows[number]): Markup[] =>
    row.map((cell, column) =>
      column === 0
        ? html`<th scope="row" role="rowheader" data-head="${heads[column]}">${cell}</th>`
        : html`<td role="cell" data-head="${heads[column]}">${cell}</td>`,
    );
  return html`<div class="scroll ${layout}" role="region" aria-label="${label}" tabindex="0"><table role="table">
<thead role="rowgroup"><tr role="row">${heads.map((head) => html`<th scope="col" role="columnheader">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => html`<tr role="row">${cells(row)}</tr>`)}</tbody>
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

/** How a text field differs from the plain one. */
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

/** A labelled choice of one. */
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

/** A labelled group of boxes to tick, or of which one is chosen. */
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

/** Something to be copied, which cannot be changed. It wraps, so that all of it is seen on a phone, too. */
export function output(id: string, label: string, value: string): Markup {
  return html`<div class="field"><label for="${id}">${label}</label><textarea id="${id}" class="secret" readonly rows="1" spellcheck="false">${value}</textarea></div>`;
}

/** The problem that kept a form from being carried out. */
export function alert(problem: string | undefined): Markup | string {
  return problem === undefined ? '' : html`<p class="alert" role="alert">${problem}</p>`;
}
