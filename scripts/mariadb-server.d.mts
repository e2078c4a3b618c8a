/** A MariaDB server of our own, for tests and benchmarks. */
export interface MariaDbServer {
  /** The Unix socket. */
  readonly socket: string
  /** The TCP port on 127.0.0.1, when one was asked for. */
  readonly port: number | undefined
  /** An administrator. */
  readonly user: string
  readonly password: string
  /** Shuts down in order and removes the data, unless `dir` was given. */
  stop(): Promise<void>
  /** Shuts down in order and starts again on the same data. */
  restart(): Promise<void>
  /** Ends the process as a power cut would; `start` brings it back. */
  kill(): Promise<void>
  start(): Promise<void>
}

export interface MariaDbOptions {
  /** A folder for data and socket, kept after `stop`. */
  dir?: string
  /** Also listen on 127.0.0.1. */
  port?: number
  /** More arguments for mariadbd. */
  extra?: readonly string[]
}

/** The binaries are installed. */
export function hasMariaDb(): boolean

export function startMariaDb(options?: MariaDbOptions): Promise<MariaDbServer>
