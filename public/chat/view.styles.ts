import { css } from 'lit'

/** What the views inside the panel share: a column with a head, and rows of people or rooms to choose from. */
export const viewStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
  }
  .head {
    display: flex;
    align-items: center;
  }
  .row {
    width: 100%;
    display: grid;
    grid-template-columns: 38px minmax(0, 1fr) auto;
    align-items: center;
    column-gap: 12px;
    text-align: start;
  }
  @media (hover: hover) {
    button.row:hover {
      background: var(--fc-surface-hover);
    }
  }
  button.row:focus-visible {
    background: var(--fc-surface-hover);
    box-shadow: inset 2px 0 0 var(--fc-accent);
  }
  button.row:focus-visible:dir(rtl) {
    box-shadow: inset -2px 0 0 var(--fc-accent);
  }
`
