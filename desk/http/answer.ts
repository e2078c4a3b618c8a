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

/** What a whitelisted method's failure says, over HTTP and over the socket alike (ADR 0004). */
export interface ErrorBody {
  exc_type: string
  message: { success: false; error: { code: ErrorCode; message: string } }
}

export interface Failure {
  status: number
  body: ErrorBody
  title: string | undefined
}

/** @param report writes an unexpected error down and answers with the id that finds it again */
export async function failure(error: unknown, report: (error: unknown) => Promise<string>): Promise<Failure> {
  const known = asDeskError(error)
  if (known) {
    return {
      status: known.status,
      title: known.title,
      body: {
        exc_type: known.excType,
        message: { success: false, error: { code: known.code, message: known.message } },
      },
    }
  }
  const message = `Something went wrong on the server. Tell an administrator the number ${await report(error)} of the Error Log.`
  return {
    status: 500,
    title: 'Server Error',
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

/** Frappe's `_server_messages`: a JSON list of JSON objects. */
export function serverMessages({ body, title }: Failure): string {
  return JSON.stringify([
    JSON.stringify({
      message: body.message.error.message,
      title: title ?? 'Message',
      indicator: 'red',
      raise_exception: 1,
    }),
  ])
}

/** The body of a failed HTTP request. Methods also carry `message`; Frappe's resource routes have none. */
export function httpErrorBody(result: Failure, isMethod: boolean): Record<string, unknown> {
  const { exc_type, message } = result.body
  return {
    exc_type,
    ...(result.status === 404 || result.status >= 500
      ? {}
      : { exception: `frappe.exceptions.${exc_type}: ${message.error.message}` }),
    _server_messages: serverMessages(result),
    ...(isMethod ? { message } : {}),
  }
}

/** A result in Frappe's envelope: null has no key. */
export function methodBody(result: unknown): { message?: unknown } {
  return result === null || result === undefined ? {} : { message: result }
}
