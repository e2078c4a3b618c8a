// Generated from custom_docperm.json by the build: edit that file instead.

/** The fields of Custom DocPerm. */
export interface CustomDocPermFields {
  parent_doctype: string | null
  role: string | null
  permlevel: number
  if_owner: 0 | 1
  select: 0 | 1
  read: 0 | 1
  write: 0 | 1
  create: 0 | 1
  delete: 0 | 1
  submit: 0 | 1
  cancel: 0 | 1
  amend: 0 | 1
  report: 0 | 1
  export: 0 | 1
  import: 0 | 1
  share: 0 | 1
  print: 0 | 1
  email: 0 | 1
}
