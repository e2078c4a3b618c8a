// Generated from document_naming_rule.json by the build: edit that file instead.

import type { DocumentNamingRuleConditionFields } from '../document_naming_rule_condition/document_naming_rule_condition.types.ts'

/** The fields of Document Naming Rule. */
export interface DocumentNamingRuleFields {
  document_type: string | null
  disabled: 0 | 1
  priority: number
  conditions: DocumentNamingRuleConditionFields[]
  prefix: string | null
  prefix_digits: number
  counter: number
}
