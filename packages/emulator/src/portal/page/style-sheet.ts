/** The style sheet of the portal. */
export const STYLE_SHEET = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #14171c);
  --card: light-dark(#ffffff, #1d2128);
  --text: light-dark(#1b2430, #e6e9ee);
  --muted: light-dark(#566173, #a3adbb);
  --line: light-dark(#d4dae3, #39414d);
  --accent: light-dark(#0b5cad, #7db8f5);
  --on-accent: light-dark(#ffffff, #0d1722);
  --danger: light-dark(#a8281b, #ff9d91);
  --good: light-dark(#176b3a, #7ddba3);
  --warn: light-dark(#8a4b00, #f2bd74);
  font: 100%/1.5 system-ui, sans-serif;
}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere; }
.unseen, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
a { color: var(--accent); }
header { background: var(--card); border-bottom: 1px solid var(--line); padding: .75rem max(1rem, calc(50% - 34rem));
  display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
.brand { margin: 0; font-weight: 700; }
nav { flex: 1 1 20rem; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
nav a { display: inline-block; padding: .3rem 0; text-decoration: none; }
nav a[aria-current] { color: var(--text); font-weight: 600; box-shadow: 0 2px var(--accent); }
.who { display: flex; gap: .75rem; align-items: center; color: var(--muted); min-width: 0; }
.who bdi { max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
footer { text-align: center; color: var(--muted); padding: 0 1rem 2rem; font-size: .875rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem; }
/* Right-to-left names are displayed as such, but aligned left like all others. */
h1, td, tbody th, dd { unicode-bidi: plaintext; text-align: left; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.25rem;
  margin: 0 0 1.25rem; }
main:has(.narrow) > * { max-width: 26rem; margin-inline: auto; }
.scroll { overflow-x: auto; position: relative; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); margin: 0 0 1.25rem; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
th, td { text-align: left; padding: .55rem .8rem; border-bottom: 1px solid var(--line); vertical-align: baseline;
  overflow-wrap: break-word; max-width: 20rem; font-weight: 400; }
td { max-width: 13rem; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--muted); font-weight: 600; white-space: nowrap; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, monospace; font-size: .9em; }
dl { margin: 0 0 1rem; display: grid; gap: .5rem; }
dl div { display: grid; grid-template-columns: minmax(7rem, 1fr) 4fr; gap: .25rem 1rem; }
dt { color: var(--muted); } dd { margin: 0; }
.field, fieldset { margin: 0 0 1rem; max-width: 40rem; }
section > :first-child, .once > :first-child { margin-top: 0; }
section > :last-child, form > :last-child, .once > :last-child, .console main > :last-child { margin-bottom: 0; }
.field label, legend { display: block; font-weight: 600; margin: 0 0 .25rem; padding: 0; }
.hint { color: var(--muted); font-size: .875rem; margin: 0 0 .25rem; }
fieldset { border: 0; padding: 0; }
.choice { padding: .2rem 0; display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: center; }
.choice .hint { margin: 0; }
input, select, textarea, button, .button { font: inherit; color: inherit; max-width: 100%; }
input:not([type=checkbox], [type=radio], [type=hidden]), select, textarea { width: 100%; padding: .5rem .65rem; min-height: 2.75rem;
  background: var(--ground); border: 1px solid var(--muted); border-radius: .35rem; }
textarea { display: block; font: .9em/1.6 ui-monospace, monospace; resize: none; field-sizing: content; overflow-wrap: anywhere; }
input[type=checkbox], input[type=radio] { width: 1.15rem; height: 1.15rem; accent-color: var(--accent); }
button, .button { display: inline-block; min-height: 2.75rem; padding: .55rem 1.1rem; border-radius: .35rem; cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; text-decoration: none; }
button.quiet, .button.quiet { background: transparent; color: var(--accent); }
button.danger { background: var(--danger); border-color: var(--danger); }
td button, td .button { min-height: 2rem; padding: .15rem .7rem; }
.row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 0 0 1.25rem; }
.row p { margin: 0; }
.row .field { margin: 0; flex: 1 1 8rem; }
.notice, .alert, .once { border: 1px solid; border-left-width: .35rem; border-radius: .35rem; padding: .7rem 1rem;
  margin: 0 0 1.25rem; background: var(--card); }
.notice { border-color: var(--good); } .alert { border-color: var(--danger); } .once { border-color: var(--warn); }
.badge { border: 1px solid; border-radius: 1rem; padding: .05rem .6rem; font-size: .85rem; white-space: nowrap; color: var(--muted); }
.badge-active, .badge-done { color: var(--good); }
.badge-inactive, .badge-refused { color: var(--warn); }
.badge-deleted { color: var(--danger); }
.console main { border: 3px dashed var(--warn); border-radius: .8rem; margin-top: 1.25rem; background: var(--ground); }
@media (max-width: 40rem) {
  .field textarea { min-height: 4.25rem; }
  table, tbody, tr, th, td { display: block; max-width: none; overflow-wrap: anywhere; }
  thead { position: absolute; clip-path: inset(50%); }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  tr:last-child { border-bottom: 0; }
  th, td { position: relative; border: 0; padding: .2rem .8rem .2rem 6.25rem; min-height: 1.9rem; }
  time { white-space: normal; }
  th::before, td::before { content: attr(data-head); position: absolute; left: .8rem; color: var(--muted); }
  td:empty { display: none; }
}
`;

/** The icon of the portal. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5cad"/>' +
  '<path d="M10 8h4v16h-4zM18 8h4v6h-4zM18 18h4v6h-4z" fill="#fff"/></svg>';
