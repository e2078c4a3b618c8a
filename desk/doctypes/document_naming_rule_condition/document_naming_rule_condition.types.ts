// Generated from document_naming_rule_condition.json by the build: edit that file instead.

/** The fields of Document Naming Rule Condition. */
export interface DocumentNamingRuleConditionFields {
  field: string | null
  condition: '=' | '!=' | '>' | '<' | '>=' | '<=' | null
  value: string | null
}
