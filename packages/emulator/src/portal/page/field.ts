import { html } from 'hono/html';
import type { Markup } from './markup.ts';

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
