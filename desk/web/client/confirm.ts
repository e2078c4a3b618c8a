import { html, render } from 'lit'

export interface Question {
  title: string
  message: string
  /** What the button does, as a verb. */
  confirm: string
  cancel?: string
  danger?: boolean
}

/** Asks in a modal dialog; resolves true only when the user confirms. Escape means no. */
export function confirmDialog(question: Question): Promise<boolean> {
  const { title, message, confirm, cancel = 'Cancel', danger = false } = question
  const dialog = document.createElement('dialog')
  dialog.className = 'dialog'
  dialog.setAttribute('aria-labelledby', 'dialog-title')
  dialog.setAttribute('aria-describedby', 'dialog-message')
  render(
    html`<form method="dialog">
      <h2 id="dialog-title">${title}</h2>
      <p id="dialog-message">${message}</p>
      <div class="actions">
        <button class="button" value="no">${cancel}</button>
        <button class="button ${danger ? 'button-danger' : 'button-primary'}" value="yes">${confirm}</button>
      </div>
    </form>`,
    dialog,
  )
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    })
  })
}
