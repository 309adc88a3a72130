// The page of how processes begin: the timetable of a start event is set in the helper's dialog and sent as a form; the helper's
// own page keeps its line to copy up to date.
import { follow, openTimetable } from './timetable.js';

const dialog = document.querySelector('[data-timetable-dialog]');
document.querySelectorAll('[data-timetable-open]').forEach((button) => button.addEventListener('click', async () => {
  const { form } = button, { line, calendar } = form.elements;
  const chosen = await openTimetable({ line: line.value, calendar: calendar.value, dialog });
  if (!chosen) return;
  line.value = chosen.line;
  calendar.value = chosen.calendar;
  form.submit();
}));

const page = document.querySelector('[data-timetable-page]');
if (page) follow(page, ({ line }) => { page.querySelector('[data-copy]').dataset.copy = line; });
