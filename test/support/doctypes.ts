/** The JSON of a DocType named Thing, with these keys. */
export function docType(keys: Record<string, unknown> = {}): Record<string, unknown> {
  return { doctype: 'DocType', name: 'Thing', module: 'Test', fields: [], ...keys }
}
