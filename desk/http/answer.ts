import {
  CommitOutcomeUnknownError,
  ConnectionLostError,
  DatabaseUnavailableError,
  DataTooLongError,
  DeadlockError,
} from '../db/index.ts'
import {
  CharacterLengthExceededError,
  DeskError,
  ServiceUnavailableError,
  type ErrorCode,
} from '../errors.ts'
import type { Reply, ReplyMessage } from '../reply.ts'

/** What a whitelisted method's failure says, over HTTP and over the socket alike (ADR 0004). */
export interface ErrorBody {
  exc_type: string
  message: {
    success: false
    error: { code: ErrorCode; message: string }
    data?: Record<string, unknown>
  }
}

export interface Failure {
  status: number
  body: ErrorBody
  title: string | undefined
  /** Seconds. */
  retryAfter: number | undefined
}

/** Seconds after which a server that does not answer just now is worth asking again. */
const PAUSE = 5

/** @param report writes an unexpected error down and answers with the id that finds it again */
export async function failure(error: unknown, report: (error: unknown) => Promise<string>): Promise<Failure> {
  const known = asDeskError(error)
  if (known) {
    return {
      status: known.status,
      title: known.title,
      retryAfter: known.retryAfter ?? (known.status === 503 ? PAUSE : undefined),
      body: {
        exc_type: known.excType,
        message: {
          success: false,
          error: { code: known.code, message: known.message },
          ...(known.data ? { data: known.data } : {}),
        },
      },
    }
  }
  const message = `Something went wrong on the server. Tell an administrator the number ${await report(error)} of the Error Log.`
  return {
    status: 500,
    title: 'Server Error',
    retryAfter: undefined,
    body: {
      exc_type: 'InternalError',
      message: { success: false, error: { code: 'INTERNAL_ERROR', message } },
    },
  }
}

/** Not the caller's mistake, and gone by itself or by the operator's hand. */
const PASSING = [DatabaseUnavailableError, ConnectionLostError, CommitOutcomeUnknownError, DeadlockError]

function asDeskError(error: unknown): DeskError | undefined {
  if (error instanceof DeskError) return error
  if (error instanceof DataTooLongError) {
    return new CharacterLengthExceededError(
      `The value for ${error.column ?? 'a field'} is too long or too large. Shorten it and try again.`,
    )
  }
  if (PASSING.some((kind) => error instanceof kind)) {
    return new ServiceUnavailableError('The database does not answer just now. Try again in a moment.')
  }
  return undefined
}

/** Frappe's `_server_messages`: a JSON list of JSON objects, what was said before the error first. */
export function serverMessages(messages: readonly ReplyMessage[], failed?: Failure): string {
  const shown: object[] = [...messages]
  if (failed) {
    const { body, title } = failed
    const { message } = body.message.error
    shown.push({ message, title: title ?? 'Message', indicator: 'red', raise_exception: 1 })
  }
  return JSON.stringify(shown.map((message) => JSON.stringify(message)))
}

export interface ErrorBodyOptions {
  /** Methods also carry `message`; Frappe's resource routes have none. */
  isMethod: boolean
  messages?: readonly ReplyMessage[]
  /** Where the error came from, for those who may know. */
  trace?: string | undefined
}

/** The body of a failed HTTP request. */
export function httpErrorBody(
  result: Failure,
  { isMethod, messages = [], trace }: ErrorBodyOptions,
): Record<string, unknown> {
  const { exc_type, message } = result.body
  const text = message.error.message
  return {
    exc_type,
    ...(result.status === 404 || result.status >= 500
      ? {}
      : { exception: `frappe.exceptions.${exc_type}: ${text}` }),
    ...(result.status === 403 ? { _error_message: text } : {}),
    ...(trace === undefined ? {} : { exc: JSON.stringify([trace]) }),
    _server_messages: serverMessages(messages, result),
    ...(isMethod ? { message } : {}),
  }
}

/** What goes along with a result: what was said, and documents for a form. */
export function besides({ messages, docs }: Reply): { _server_messages?: string; docs?: unknown[] } {
  return {
    ...(messages.length > 0 ? { _server_messages: serverMessages(messages) } : {}),
    ...(docs.length > 0 ? { docs } : {}),
  }
}

/** A result in Frappe's envelope: null has no key. */
export function methodBody(result: unknown): { message?: unknown } {
  return result === null || result === undefined ? {} : { message: result }
}
