/** The server API of desk, for apps. */
export { Type, type Static, type TSchema } from 'typebox'
export {
  defineApp,
  type AppDefinition,
  type AppScreenEntry,
  type DemoSize,
  type DocEvent,
  type DocEventHandler,
  type HasPermissionHook,
  type HookRequest,
  type QueryConditionHook,
  type RouteRule,
  type SocketOpening,
} from './app.ts'
export type { AppCommand, CommandIo, Input, OptionSpec } from './bench/command.ts'
export type { Audience, Context, Identity } from './context.ts'
export { DataTooLongError, DuplicateKeyError } from './db/index.ts'
export { openForeignDatabase, type ForeignDatabase, type ForeignLogin } from './db/foreign.ts'
export { defineDocMethod, type DocMethod } from './document/doc-method.ts'
export { Document, documentOf } from './document/document.ts'
export type { InsertOptions } from './document/insert.ts'
export * from './errors.ts'
export { desk as default, type DeskOptions } from './http/plugin.ts'
export type { HostUser, Identify } from './http/host-logins.ts'
export { checkUpload, type FileLimits } from './files/accept.ts'
export type { SaveFile } from './files/save.ts'
export type { Upload } from './files/upload.ts'
export { defineJob, type Job, type JobRun } from './jobs/job.ts'
export type { EnqueueOptions } from './jobs/port.ts'
export { instantOf } from './jobs/site-time.ts'
export type { Mail, MailAttachment } from './mail/compose.ts'
export { defineMethod, type Method, type RateLimit, type TypedMethod } from './method.ts'
export type { PageDefinition } from './page.ts'
export { isLiveConnection, type LiveConnection } from './realtime/live-connection.ts'
export { ERASED_NAME, type ErasureRun, type PersonToErase } from './personal-data/person.ts'
export { ADMINISTRATOR, GUEST } from './permissions/roles.ts'
export { hashName } from './document/naming.ts'
export { setPassword } from './site/passwords.ts'
export type { Site } from './site/site.ts'
