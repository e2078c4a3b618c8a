// Generated from version.json by the build: edit that file instead.

/** The fields of Version. */
export interface VersionFields {
  ref_doctype: string | null
  docname: string | null
  data: string | null
}
