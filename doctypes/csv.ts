/** What a spreadsheet would take for a formula, also where blanks or characters without a shape come first. */
const FORMULA = /^[\s\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*[=+\-@＝＋－＠]|^[\t\r\n]/u

/** A cell that shows its text and nothing else: one that a spreadsheet would reckon gets an apostrophe before it. */
export function neutralise(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

const cell = (value: string | number | null): string =>
  // Numbers are the server's own: a negative one is no formula.
  typeof value === 'number' ? String(value) : `"${neutralise(value ?? '').replaceAll('"', '""')}"`

/** Rows as CSV (RFC 4180): lines end in CR LF, texts stand in quotes. */
export function toCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}
