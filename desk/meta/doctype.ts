/** A DocType as its JSON file says it (Frappe's format; unknown keys are kept out of the type, not refused). */
export interface DocTypeJson {
  doctype: 'DocType'
  name: string
  module: string
  custom?: Flag
  istable?: Flag
  issingle?: Flag
  is_virtual?: Flag
  is_submittable?: Flag
  is_tree?: Flag
  autoname?: string
  naming_rule?: string
  title_field?: string
  search_fields?: string
  sort_field?: string
  sort_order?: 'ASC' | 'DESC'
  track_changes?: Flag
  track_seen?: Flag
  allow_rename?: Flag
  field_order?: string[]
  fields: DocField[]
  permissions?: DocPerm[]
  /** Beyond Frappe's keys: indexes over several columns. Frappe ignores it. */
  indexes?: TableIndex[]
}

export type Flag = 0 | 1

export interface DocField {
  fieldname: string
  fieldtype: string
  label?: string
  /** Link and Table: a DocType; Select: one choice a line; Dynamic Link: the field that names the DocType. */
  options?: string
  reqd?: Flag
  default?: string
  unique?: Flag
  search_index?: Flag
  length?: number
  precision?: string | number
  permlevel?: number
  read_only?: Flag
  hidden?: Flag
  depends_on?: string
  fetch_from?: string
  in_list_view?: Flag
  set_only_once?: Flag
  /** `fetch_from` sets the field only while it has no value. */
  fetch_if_empty?: Flag
  no_copy?: Flag
  not_nullable?: Flag
  is_virtual?: Flag
  ignore_user_permissions?: Flag
  description?: string
}

/** Rights of a role, for one permlevel. */
export interface DocPerm {
  role: string
  permlevel?: number
  if_owner?: Flag
  read?: Flag
  write?: Flag
  create?: Flag
  delete?: Flag
  submit?: Flag
  cancel?: Flag
  amend?: Flag
  select?: Flag
  report?: Flag
  export?: Flag
  import?: Flag
  share?: Flag
  print?: Flag
  email?: Flag
}

export interface TableIndex {
  fields: string[]
  unique?: Flag
}
