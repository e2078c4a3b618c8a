import type { Readable } from 'node:stream'

/** Where a content is kept: the last part of its URL, and on which side of the login. */
export interface Place {
  isPrivate: boolean
  name: string
}

/** Content that has come in whole, and has no place yet. */
export interface Received {
  /** A temporary file of this machine. */
  path: string
  /** Bytes. */
  size: number
  /** SHA-256, in hex. */
  hash: string
}

/** Bytes of a content, both ends included. */
export interface ByteRange {
  start: number
  end: number
}

/** Content that is being read. Read it by `stream`, which closes it, or `close` it. */
export interface StoredContent {
  /** Bytes. */
  size: number
  modified: Date
  stream(range?: ByteRange): Readable
  close(): Promise<void>
}

export type LinkOutcome = 'done' | 'taken' | 'missing'

/**
 * Keeps the contents of files. A place, once taken, keeps its content until it is removed: nothing is ever written
 * over. Names that are no plain file names name nothing.
 */
export interface FileStore {
  /** Takes content in, chunk by chunk. Nothing of it stays when that fails. @throws when it has more than `limit` bytes */
  receive(content: Readable, limit: number): Promise<Received>
  /** Throws away what has been received; what has got a place keeps it. */
  discard(received: Received): Promise<void>
  /** Gives what has been received a place, unless that is taken. @returns whether it has it now */
  put(received: Received, place: Place): Promise<boolean>
  /** Gives stored content a second place, for which it is not stored twice where the disk can do so. */
  link(from: Place, to: Place): Promise<LinkOutcome>
  /** null where there is nothing. */
  open(place: Place): Promise<StoredContent | null>
  /** Removing what is not there is no mistake. */
  remove(place: Place): Promise<void>
  /** The names on one side. */
  list(isPrivate: boolean): AsyncIterable<string>
  /** Removes what was received before that and never kept nor thrown away. @returns how many */
  clearTemporary(before: Date): Promise<number>
}
