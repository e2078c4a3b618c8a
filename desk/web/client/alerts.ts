/** How an alert is marked: Frappe's indicator colours. */
export type Indicator = 'green' | 'blue' | 'orange' | 'red'

export interface Alert {
  message: string
  indicator?: Indicator
}

/** Shows a short message at the edge of the page for `seconds`; pointing at it or focusing it keeps it. */
export function showAlert(alert: string | Alert, seconds = 5): void {
  const { message, indicator = 'blue' } = typeof alert === 'string' ? { message: alert } : alert
  const host = document.getElementById('desk-alerts')
  if (!host) return
  const toast = document.createElement('div')
  toast.className = `alert alert-${indicator}`
  toast.textContent = message
  host.append(toast)
  let timer = setTimeout(() => toast.remove(), seconds * 1000)
  toast.addEventListener('pointerenter', () => clearTimeout(timer))
  toast.addEventListener('pointerleave', () => (timer = setTimeout(() => toast.remove(), 1500)))
  toast.addEventListener('click', () => toast.remove())
}
