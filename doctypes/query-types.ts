import type { Context, QueryConditionHook } from '@f-chat/desk'

/** A query under construction. */
export type Query = Parameters<QueryConditionHook>[0]

/** A piece of SQL with its values. */
export type RawSql = ReturnType<Context['db']['raw']>
