/** What a client can branch on; the exception class says more (f-chat-api.md §1). */
export type ErrorCode =
  'PERMISSION_DENIED' | 'NOT_FOUND' | 'VALIDATION_ERROR' | 'CONFLICT' | 'RATE_LIMITED' | 'INTERNAL_ERROR'

/**
 * An error that may be shown to whoever caused it. `excType` is Frappe's exception class, `status` its HTTP
 * status; the message tells the user what to do. Everything else that is thrown is an internal error: it is
 * logged and answered with an id.
 */
export class DeskError extends Error {
  readonly excType: string
  readonly status: number
  readonly code: ErrorCode
  /** Shown as the heading of Frappe's message dialog. */
  readonly title: string | undefined
  /** Seconds after which trying again may help: the answer's `Retry-After`. */
  retryAfter: number | undefined
  /** What a client can go on with, such as the document that is in the way: the answer's `data`. */
  data: Record<string, unknown> | undefined

  constructor(kind: ErrorKind, message: string, title?: string) {
    super(message)
    this.name = kind.excType
    this.excType = kind.excType
    this.status = kind.status
    this.code = kind.code
    this.title = title
  }
}

export interface ErrorKind {
  excType: string
  status: number
  code: ErrorCode
}

const kinds = {
  PermissionError: { status: 403, code: 'PERMISSION_DENIED' },
  AuthenticationError: { status: 401, code: 'PERMISSION_DENIED' },
  SessionExpired: { status: 401, code: 'PERMISSION_DENIED' },
  CSRFTokenError: { status: 400, code: 'VALIDATION_ERROR' },
  DoesNotExistError: { status: 404, code: 'NOT_FOUND' },
  PageDoesNotExistError: { status: 404, code: 'NOT_FOUND' },
  ValidationError: { status: 417, code: 'VALIDATION_ERROR' },
  MandatoryError: { status: 417, code: 'VALIDATION_ERROR' },
  LinkValidationError: { status: 417, code: 'VALIDATION_ERROR' },
  LinkExistsError: { status: 417, code: 'CONFLICT' },
  CannotChangeConstantError: { status: 417, code: 'VALIDATION_ERROR' },
  InvalidNameError: { status: 417, code: 'VALIDATION_ERROR' },
  CharacterLengthExceededError: { status: 417, code: 'VALIDATION_ERROR' },
  TimestampMismatchError: { status: 417, code: 'CONFLICT' },
  UniqueValidationError: { status: 417, code: 'CONFLICT' },
  DuplicateEntryError: { status: 409, code: 'CONFLICT' },
  TooManyRequestsError: { status: 429, code: 'RATE_LIMITED' },
  /** The calls of one method were too many; 417 as in Frappe. */
  RateLimitExceededError: { status: 417, code: 'RATE_LIMITED' },
  LinkExpired: { status: 410, code: 'NOT_FOUND' },
  SessionStopped: { status: 503, code: 'INTERNAL_ERROR' },
  ServiceUnavailableError: { status: 503, code: 'INTERNAL_ERROR' },
} as const satisfies Record<string, Omit<ErrorKind, 'excType'>>

function define(excType: keyof typeof kinds): new (message: string, title?: string) => DeskError {
  const kind: ErrorKind = { excType, ...kinds[excType] }
  const cls = class extends DeskError {
    constructor(message: string, title?: string) {
      super(kind, message, title)
    }
  }
  Object.defineProperty(cls, 'name', { value: excType })
  return cls
}

export const PermissionError = define('PermissionError')
export const AuthenticationError = define('AuthenticationError')
export const SessionExpired = define('SessionExpired')
export const CSRFTokenError = define('CSRFTokenError')
export const DoesNotExistError = define('DoesNotExistError')
export const PageDoesNotExistError = define('PageDoesNotExistError')
export const ValidationError = define('ValidationError')
export const MandatoryError = define('MandatoryError')
export const LinkValidationError = define('LinkValidationError')
export const LinkExistsError = define('LinkExistsError')
export const CannotChangeConstantError = define('CannotChangeConstantError')
export const InvalidNameError = define('InvalidNameError')
export const CharacterLengthExceededError = define('CharacterLengthExceededError')
export const TimestampMismatchError = define('TimestampMismatchError')
export const UniqueValidationError = define('UniqueValidationError')
export const DuplicateEntryError = define('DuplicateEntryError')
export const TooManyRequestsError = define('TooManyRequestsError')
export const RateLimitExceededError = define('RateLimitExceededError')
export const LinkExpired = define('LinkExpired')
export const SessionStopped = define('SessionStopped')
export const ServiceUnavailableError = define('ServiceUnavailableError')
