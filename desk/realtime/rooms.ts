/** Channels of those who look at a document, or at lists of a DocType (frappe-contract.md §5). */
export const docRoom = (doctype: string, name: string): string => `doc:${doctype}/${name}`
export const doctypeRoom = (doctype: string): string => `doctype:${doctype}`
