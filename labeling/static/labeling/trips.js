/* A trip begins on the clock of the device in one's hand: its minutes east of UTC go along. */

for (const field of document.querySelectorAll("[data-utc-offset]")) {
  field.value = String(-new Date().getTimezoneOffset());
}
