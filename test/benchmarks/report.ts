/** One figure, as `npm run bench -- … --json` prints it. */
export interface Figure {
  name: string
  variant: string
  metric: string
  value: number
  unit: string
  /** The variant that this one is compared with, and value / its value. */
  ratio_to?: string
  ratio?: number
}

/** Prints figures as JSON, one a line, or as a table. */
export function report(figures: readonly Figure[]): void {
  if (process.argv.includes('--json')) {
    for (const figure of figures) console.log(JSON.stringify(figure))
    return
  }
  for (const { name, variant, metric, value, unit, ratio_to, ratio } of figures) {
    const compared = ratio === undefined ? '' : `  ${ratio.toFixed(2)} × ${ratio_to ?? ''}`
    console.log(
      `${name.padEnd(6)} ${variant.padEnd(12)} ${metric.padEnd(22)} ${show(value).padStart(10)} ${unit}${compared}`,
    )
  }
}

const show = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2))

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

/** A line about what is going on, away from the figures. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`)
}
